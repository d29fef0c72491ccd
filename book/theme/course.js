// For those who read with the keyboard or with a screen reader: what mdBook's own page leaves out.
"use strict";

// A sample or a table that is wider than the page can be scrolled with the arrow keys once it has the focus.
for (const wide of document.querySelectorAll("pre > code, .table-wrapper")) {
    wide.tabIndex = 0;
}

// The bar at the top is a landmark.
document.getElementById("mdbook-menu-bar")?.setAttribute("role", "banner");

// mdBook opens and closes the contents with a label, which no keyboard reaches. A button takes its place.
(function () {
    const label = document.getElementById("mdbook-sidebar-toggle");
    const checkbox = document.getElementById("mdbook-sidebar-toggle-anchor");
    if (!label || !checkbox) {
        return;
    }
    const button = document.createElement("button");
    button.type = "button";
    button.className = label.className;
    button.title = label.title;
    button.setAttribute("aria-label", label.title);
    button.setAttribute("aria-controls", "mdbook-sidebar");
    button.append(...label.childNodes);
    button.addEventListener("click", () => checkbox.click());
    const tell = () => button.setAttribute("aria-expanded", String(checkbox.checked));
    checkbox.addEventListener("change", tell);
    tell();
    label.style.display = "none";
    label.before(button);
})();
