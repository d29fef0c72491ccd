# Autobahn's wstest, with every listening socket on 127.0.0.1: the stock one listens for the whole network.
# (Python 2.7, as the suite itself.)
import sys

from autobahntestsuite import choosereactor  # noqa: F401  (must come before the reactor)
from twisted.internet import reactor

listen = reactor.listenTCP
reactor.listenTCP = lambda port, factory, backlog=1024, interface="": listen(port, factory, backlog, "127.0.0.1")

from autobahntestsuite.wstest import run  # noqa: E402

sys.exit(run())
