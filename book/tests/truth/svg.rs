//! The two kinds of picture in the book: strips of cells (bits, octets, fields, packets) and sequences of messages.
//!
//! Both are plain SVG with a title and a description for those who do not see them, on a card of their own, in colours
//! for light and for dark.

use std::fmt::Write;

const STYLE: &str = r#"
    text { font-family: system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif; fill: #1c2430; font-size: 14px; }
    .code { font-family: ui-monospace, "SFMono-Regular", Consolas, "DejaVu Sans Mono", monospace; }
    .middle { text-anchor: middle; }
    .head { font-weight: 600; font-size: 16px; }
    .side { fill: #4b5566; }
    .over { paint-order: stroke; stroke: #fbfaf7; stroke-width: 5px; }
    .card { fill: #fbfaf7; stroke: #d5d0c4; }
    .line { stroke: #6b7688; stroke-width: 1.5; fill: none; }
    .tip { fill: #6b7688; }
    .a { fill: #dbe9fb; stroke: #3b72b8; }
    .b { fill: #dcf3e2; stroke: #2f8a52; }
    .c { fill: #fbf3cf; stroke: #a3841c; }
    .d { fill: #f7dfe3; stroke: #b04a5a; }
    .e { fill: #eef0f3; stroke: #8d98ab; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e8ebf0; }
      .side { fill: #aeb7c5; }
      .over { stroke: #1d222b; }
      .card { fill: #1d222b; stroke: #3b4352; }
      .line { stroke: #8d98ab; }
      .tip { fill: #8d98ab; }
      .a { fill: #1c3350; stroke: #6ea3e0; }
      .b { fill: #173a24; stroke: #5cc283; }
      .c { fill: #3a3315; stroke: #d0b04a; }
      .d { fill: #43212a; stroke: #e08a98; }
      .e { fill: #262c37; stroke: #8d98ab; }
    }
"#;

const MARGIN: usize = 20;
const WIDTH: usize = 760;
/// How wide a letter of the code font is, and a little more: fonts differ.
const LETTER: usize = 9;

/// A part of a strip.
pub(crate) struct Cell {
    pub(crate) lines: Vec<String>,
    pub(crate) units: usize,
    /// The colour: `a` to `e`.
    pub(crate) class: char,
}

impl Cell {
    pub(crate) fn new(class: char, units: usize, text: impl Into<String>) -> Self {
        let lines = text.into().lines().map(str::to_owned).collect();
        Self { lines, units, class }
    }
}

/// A row of cells with what it is on its left, and a remark on its right.
pub(crate) struct Strip {
    pub(crate) label: String,
    pub(crate) cells: Vec<Cell>,
    pub(crate) remark: String,
}

impl Strip {
    pub(crate) fn new(label: &str, cells: Vec<Cell>, remark: impl Into<String>) -> Self {
        Self {
            label: label.to_owned(),
            cells,
            remark: remark.into(),
        }
    }
}

/// Rows of cells, one below the other, `unit` pixels a unit.
pub(crate) fn strips(title: &str, description: &str, unit: usize, strips: &[Strip]) -> String {
    let widest = |text: fn(&Strip) -> &str| strips.iter().map(|strip| text(strip).len()).max().unwrap_or(0);
    let left =
        MARGIN + widest(|strip| &strip.label) * LETTER + if widest(|strip| &strip.label) > 0 { 8 } else { 0 };
    let units = strips
        .iter()
        .map(|strip| strip.cells.iter().map(|cell| cell.units).sum::<usize>())
        .max();
    let right = left + units.unwrap_or(0) * unit;
    let remarks = widest(|strip| &strip.remark) * LETTER;
    let width = right + MARGIN + if remarks > 0 { remarks + 8 } else { 0 };
    let mut body = String::new();
    let mut y = MARGIN;
    for strip in strips {
        let lines = strip
            .cells
            .iter()
            .map(|cell| cell.lines.len())
            .max()
            .unwrap_or(1)
            .max(1);
        let height = 12 + 18 * lines;
        let baseline = y + height / 2 + 5;
        text(&mut body, MARGIN, baseline, "", &strip.label);
        let mut x = left;
        for cell in &strip.cells {
            let wide = cell.units * unit;
            let class = cell.class;
            let _ = writeln!(
                body,
                r#"  <rect class="{class}" x="{x}" y="{y}" width="{wide}" height="{height}"/>"#
            );
            let first = y + height / 2 + 5 - 9 * (cell.lines.len().max(1) - 1);
            for (number, line) in cell.lines.iter().enumerate() {
                text(&mut body, x + wide / 2, first + 18 * number, "code middle", line);
            }
            x += wide;
        }
        text(&mut body, right + 8, baseline, "code side", &strip.remark);
        y += height + 8;
    }
    document(title, description, width, y - 8 + MARGIN, &body)
}

/// What happens in a sequence.
pub(crate) enum Happening {
    /// A message from one actor to another, by their numbers from 0.
    Message { from: usize, to: usize, text: String },
    /// Something that an actor does alone, or what is to be noticed.
    Note { at: usize, text: String },
}

pub(crate) fn message(from: usize, to: usize, text: impl Into<String>) -> Happening {
    let text = text.into();
    Happening::Message { from, to, text }
}

pub(crate) fn note(at: usize, text: impl Into<String>) -> Happening {
    let text = text.into();
    Happening::Note { at, text }
}

/// Who says what to whom, from top to bottom.
pub(crate) fn sequence(title: &str, description: &str, actors: &[&str], happenings: &[Happening]) -> String {
    let places: Vec<usize> = (0..actors.len())
        .map(|actor| MARGIN + 80 + actor * (WIDTH - 2 * MARGIN - 160) / (actors.len() - 1).max(1))
        .collect();
    let mut body = String::new();
    let mut y = MARGIN + 60;
    for happening in happenings {
        match happening {
            Happening::Message {
                from,
                to,
                text: words,
            } => {
                let (start, end) = (places[*from], places[*to]);
                for line in words.lines() {
                    text(
                        &mut body,
                        usize::midpoint(start, end),
                        y,
                        "code middle over",
                        line,
                    );
                    y += 18;
                }
                let (tip, back) = if end > start {
                    (end - 2, end - 12)
                } else {
                    (end + 2, end + 12)
                };
                let y = y - 8;
                let _ = writeln!(body, r#"  <path class="line" d="M{start} {y}H{back}"/>"#);
                let _ = writeln!(
                    body,
                    r#"  <path class="tip" d="M{tip} {y}L{back} {}V{}z"/>"#,
                    y - 5,
                    y + 5
                );
            }
            Happening::Note { at, text: words } => {
                let half = words
                    .lines()
                    .map(|line| line.len() * LETTER / 2 + 8)
                    .max()
                    .unwrap_or(0);
                let middle = places[*at].clamp(MARGIN + half, WIDTH - MARGIN - half);
                let (x, wide, height) = (middle - half, 2 * half, 8 + 18 * words.lines().count());
                let top = y - 16;
                let _ = writeln!(
                    body,
                    r#"  <rect class="c" x="{x}" y="{top}" width="{wide}" height="{height}" rx="4"/>"#
                );
                for line in words.lines() {
                    text(&mut body, middle, y, "middle", line);
                    y += 18;
                }
                y += 4;
            }
        }
        y += 14;
    }
    let mut lines = String::new();
    for (actor, place) in actors.iter().zip(&places) {
        let half = actor.len() * 5 + 14;
        let (x, wide) = (place - half, 2 * half);
        let _ = writeln!(
            lines,
            r#"  <path class="line" stroke-dasharray="3 5" d="M{place} {}V{}"/>"#,
            MARGIN + 32,
            y - 8
        );
        let _ = writeln!(
            lines,
            r#"  <rect class="a" x="{x}" y="{MARGIN}" width="{wide}" height="32" rx="6"/>"#
        );
        text(&mut lines, *place, MARGIN + 22, "head middle", actor);
    }
    document(title, description, WIDTH, y - 8 + MARGIN, &(lines + &body))
}

fn text(svg: &mut String, x: usize, y: usize, class: &str, words: &str) {
    if words.is_empty() {
        return;
    }
    let words = words.replace('&', "&amp;").replace('<', "&lt;");
    let class = if class.is_empty() {
        String::new()
    } else {
        format!(r#" class="{class}""#)
    };
    let _ = writeln!(svg, r#"  <text{class} x="{x}" y="{y}">{words}</text>"#);
}

fn document(title: &str, description: &str, width: usize, height: usize, body: &str) -> String {
    let head = r#"<svg xmlns="http://www.w3.org/2000/svg""#;
    let (inner_width, inner_height) = (width - 2, height - 2);
    format!(
        "{head} viewBox=\"0 0 {width} {height}\" width=\"{width}\" role=\"img\" aria-labelledby=\"title text\">\n  \
         <title id=\"title\">{title}</title>\n  <desc id=\"text\">{description}</desc>\n  <style>{STYLE}  </style>\n  \
         <rect class=\"card\" x=\"1\" y=\"1\" width=\"{inner_width}\" height=\"{inner_height}\" rx=\"12\"/>\n{body}</svg>\n"
    )
}
