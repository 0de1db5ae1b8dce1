/* SPDX-License-Identifier: BSD-2-Clause */
/* Stories: what one should have seen once to know TCP's states. */
#include <string.h>

#include "lab/scenarios.h"

#define WAIT_1337 \
        "duplicate server text 1s\n" OPEN "server send 100\nwait 20ms\nclient receive\n" CLIENT_WAITS "wait 2s\n"
#define RST_TO(state_is_reached) OPEN state_is_reached "wait 30ms\n"

/* The server takes text in a SYN from those who have its cookie.  The client gets one in a connection it does not need for
 * anything else; from then on it sends requests. */
#define FAST_SERVER "knob server tcp_fastopen 3\nserver listen\nserver option fastopen 8\n"
#define GETS_COOKIE                                                                                                   \
        FAST_SERVER "client connect\nclient option fastopen-connect 1\nwait 30ms\nserver accept\nclient abort\nwait " \
                    "10ms\n"
#define FAST_REQUEST "client connect\nclient option fastopen-connect 1\nclient send 100\n"

static const struct la_lab_scenario stories[] = {
        { .name = "open-and-close",
          .title = N_("Three segments open a connection, four close it"),
          .script = OPEN "client send 100\nwait 50ms\nserver receive\nserver send 200\nwait 50ms\nclient receive\n"
                         "client close\nwait 50ms\nserver close\nwait 50ms\nwait 60s\n"
                         "expect client CLOSED\n" },
        { .name = "half-close",
          .title = N_(
                  "Half-close: the client has finished, the server still sends; text before either FIN arrives whole"),
          .script = OPEN "client send 100\nclient shutdown\nwait 50ms\nserver receive\nserver send 3000\nwait 50ms\n"
                         "expect client FIN_WAIT_2\nclient receive\nserver send 50\nserver close\nwait 50ms\n"
                         "client receive\nexpect client TIME_WAIT\n" },
        { .name = "simultaneous-open",
          .title = N_("Simultaneous open: both ends connect, nobody listens (RFC 9293 figure 7)"),
          .script =
                  "client connect\nserver connect\nwait 50ms\nexpect client ESTABLISHED\nexpect server ESTABLISHED\n" },
        { .name = "simultaneous-close",
          .title = N_("Simultaneous close: both FINs cross, and both ends wait (RFC 9293 figure 13)"),
          .script = OPEN "client close\nserver close\nwait 50ms\nexpect client TIME_WAIT\nexpect server TIME_WAIT\n" },
        { .name = "fin-with-text",
          .title = N_("The last text and the FIN in one segment"),
          .script = OPEN "client send 100\nclient close\nwait 50ms\nserver receive\nserver close\nwait 50ms\n"
                         "expect client TIME_WAIT\n" },
        { .name = "fin-ack-at-once",
          .title = N_("The peer closes at once: FIN_WAIT_1 straight to TIME_WAIT, in three segments"),
          .script = OPEN "client close\nuntil server CLOSE_WAIT\nserver close\nwait 50ms\nexpect client TIME_WAIT\n" },
        { .name = "lost-last-ack",
          .title = N_("Why TIME_WAIT: the last ACK is lost, the FIN comes again, and somebody must be there to answer"),
          .script = OPEN "drop client ACK 1\n" CLIENT_WAITS "expect server LAST_ACK\nwait 1s\nexpect server LISTEN\n"
                         "expect client TIME_WAIT\nuntil client CLOSED 2m\n" },
        { .name = "old-duplicate",
          .title = N_(
                  "Why TIME_WAIT: a text of the old connection comes late, and finds nobody who would take it for new"),
          .script = "knob client tcp_rfc1337 1\nduplicate server text 5s\n" OPEN
                    "server send 100\nwait 20ms\nclient receive\n" CLIENT_WAITS "wait 10s\nexpect client TIME_WAIT\n" },
        { .name = "rfc1337-off",
          .title = N_(
                  "RFC 1337: an old duplicate, answered by TIME_WAIT, makes the peer send a reset that ends the wait"),
          .script = WAIT_1337 "expect client CLOSED\n" },
        { .name = "rfc1337-on",
          .title = N_("RFC 1337 heeded (tcp_rfc1337 1): the same reset is ignored, and the wait goes on"),
          .script = "knob client tcp_rfc1337 1\n" WAIT_1337 "expect client TIME_WAIT\n" },
        { .name = "reopen",
          .title = N_("A SYN with a newer timestamp takes the place of a connection in TIME_WAIT (RFC 6191)"),
          .script = OPEN SERVER_WAITS "expect server TIME_WAIT\nwait 1s\nclient connect\nwait 50ms\nserver accept\n"
                                      "expect server ESTABLISHED\n" },
        { .name = "tw-reuse",
          .title =
                  N_("tcp_tw_reuse: a second connect from a port in TIME_WAIT, refused without it and granted with it"),
          .script = OPEN CLIENT_WAITS
          "wait 2s\nclient connect\nnote tcp_tw_reuse is 1 from here on\n"
          "knob client tcp_tw_reuse 1\nclient connect\nwait 50ms\nexpect client ESTABLISHED\n" },
        { .name = "syn-cookies",
          .title = N_(
                  "A SYN flood: the queue is full of SYNs that nobody completes, and a cookie lets the client in all "
                  "the same"),
          .script = "host flood 10.9.9.9\nhost client 10.0.0.1\nhost server 10.0.0.2\n"
                    "drop flood any 4-\nserver listen backlog 1\n"
                    "flood connect server from 1001\nflood connect server from 1002\nwait 5ms\nflood use 1001\n"
                    "drop server any 1\ndrop server any 2\nwait 20ms\n"
                    "client connect server\nwait 50ms\nserver accept\n"
                    "expect server SyncookiesSent 1\nexpect server SyncookiesRecv 1\nexpect client ESTABLISHED\n"
                    "client send 100\nwait 50ms\nexpect server ESTABLISHED\n" },
        { .name = "fast-open",
          .title = N_(
                  "TCP Fast Open (RFC 7413): a cookie in the first connection, and in the next a request in the SYN"),
          .script = GETS_COOKIE
          "note the client knows the server now\n" FAST_REQUEST
          "wait 12ms\nserver accept\nserver receive\nserver send 200\nwait 30ms\nclient receive\n"
          "expect server TCPFastOpenPassive 1\nexpect client TCPFastOpenActive 1\nexpect server ESTABLISHED\n" },
        { .name = "fast-open-refused",
          .title = N_("Fast Open refused: the server has changed its key, and the request goes again without a detour"),
          .script = GETS_COOKIE "reboot server\n" FAST_SERVER FAST_REQUEST "wait 40ms\nserver accept\nserver receive\n"
                                "expect server TCPFastOpenPassiveFail 1\nexpect client TCPFastOpenActiveFail 1\nexpect "
                                "server ESTABLISHED\n" },
        { .name = "fast-open-lost",
          .title = N_("A box on the way drops SYNs with text: they go again without, and Fast Open is left alone"),
          .script = GETS_COOKIE
          "drop client text 1\n" FAST_REQUEST
          "wait 2s\nserver accept\nserver receive\nclient abort\nwait 10ms\nnote at the next try\n" FAST_REQUEST
          "wait 50ms\nserver accept\nserver receive\nexpect server ESTABLISHED\n"
          "expect server TCPFastOpenPassive 0\n" },
        { .name = "fast-open-twice",
          .title = N_("What Fast Open costs: its SYN comes once more when all is over, and the request is read twice"),
          .script = GETS_COOKIE
          "duplicate client SYN 1s\n" FAST_REQUEST
          "wait 40ms\nserver accept\nserver receive\nclient close\nwait 20ms\nserver close\nwait 955ms\n"
          "server accept\nserver receive\nexpect server TCPFastOpenPassive 2\n" },
        { .name = "accept-overflow",
          .title = N_(
                  "The application does not accept: the queue overflows, and clients who believe to be connected are "
                  "not"),
          .script = "server listen backlog 1\nclient connect from 40000\nwait 50ms\n"
                    "client connect from 40001\nclient connect from 40002\nwait 50ms\n"
                    "expect server ListenOverflows 1\nclient use 40002\nexpect client ESTABLISHED\n"
                    "note the server accepts again\nserver accept\nwait 2s\nexpect server ESTABLISHED\n" },
        { .name = "zero-window",
          .title = N_(
                  "Zero window: the reader does not read, the sender probes, and nothing is lost (MUST-36, MUST-37)"),
          .script =
                  "server listen\nserver option receive-buffer 3000\nclient connect\nwait 30ms\nserver accept\n"
                  "client send 5000\nwait 4s\nserver receive\nwait 100ms\nserver receive\nwait 1s\nserver receive\n" },
        { .name = "ecn",
          .title =
                  N_("ECN: a long queue marks instead of dropping, the receiver echoes it (ECE), the sender halves its "
                     "window and says so (CWR; RFC 3168)"),
          .script = "knob client tcp_ecn 1\npath client server rate 500000 mark 4000\n"
                    "server listen\nclient connect\nwait 50ms\nserver accept\n"
                    "client send 5792\nwait 100ms\nserver receive\n"
                    "note the window is two segments now\n"
                    "client send 5792\nwait 200ms\nserver receive\n"
                    "expect server InCEPkts 1\nexpect client RetransSegs 0\nexpect client ESTABLISHED\n" },
        { .name = "keepalive-death",
          .title = N_("Keepalive: the server's host has lost its path, and the client finds out"),
          .script = OPEN "client option keepalive-time 10\nclient option keepalive-interval 2\n"
                         "client option keepalive-probes 3\nclient option keepalive 1\n" CUT "wait 20s\n"
                         "expect client CLOSED\n" },
        { .name = "reboot",
          .title = N_("A host forgets its connections: the next text is answered with a reset (RFC 9293 3.5.1)"),
          .script = OPEN "reboot server\nserver listen\nclient send 100\nwait 50ms\nexpect client CLOSED\n" },
        { .name = "rst-in-syn-sent",
          .title = N_("Reset in SYN_SENT: refused"),
          .script = "client connect\nwait 30ms\n" },
        { .name = "rst-in-syn-received",
          .title = N_("Reset in SYN_RECEIVED: back to LISTEN, and the application never hears of it"),
          .script = "server listen\nclient connect\nwait 5ms\nclient abort\nwait 30ms\n" },
        { .name = "rst-in-listen",
          .title = N_("Reset in LISTEN: ignored"),
          .script = "duplicate client RST 1s\n" OPEN "client abort\nwait 2s\nexpect server LISTEN\n" },
        { .name = "rst-in-established", .title = N_("Reset in ESTABLISHED"), .script = RST_TO("client abort\n") },
        { .name = "rst-in-fin-wait-1",
          .title = N_("Reset in FIN_WAIT_1"),
          .script = RST_TO("client shutdown\nwait 5ms\nserver abort\n") },
        { .name = "rst-in-fin-wait-2",
          .title = N_("Reset in FIN_WAIT_2"),
          .script = RST_TO(HALF_CLOSED "server abort\n") },
        { .name = "rst-in-close-wait",
          .title = N_("Reset in CLOSE_WAIT"),
          .script = RST_TO(HALF_CLOSED "client abort\n") },
        { .name = "rst-in-closing",
          .title = N_("Reset in CLOSING"),
          .script = "drop client FIN all\n" RST_TO("client shutdown\nserver shutdown\nwait 10ms\nserver abort\n") },
        { .name = "rst-in-last-ack",
          .title = N_("Reset in LAST_ACK: the peer's FIN_WAIT_2 was cut short"),
          .script = RST_TO(HALF_CLOSED "server close\nwait 5ms\nclient abort\n") },
        { .name = "nat-recycle",
          .title =
                  N_("tcp_tw_recycle behind NAT: two hosts share an address, and the clock of one locks the other out"),
          .script = "host anna 10.1.0.1\nhost bert 10.1.0.2\nhost server 192.0.2.80\nnat 192.0.2.1 anna bert\n"
                    "danger server tcp_tw_recycle 1\nserver listen\n"
                    "anna connect server\nwait 50ms\nserver accept\nserver close\nwait 50ms\nanna close\nwait 50ms\n"
                    "wait 1s\nbert connect server from 40001\nwait 5s\n"
                    "anna connect server from 40002\nwait 5s\n" },
};

const struct la_lab_scenario *
la_lab_story(size_t number)
{
        return number < sizeof stories / sizeof stories[0] ? &stories[number] : NULL;
}

const struct la_lab_scenario *
la_lab_story_named(const char *name)
{
        for (size_t i = 0; i < sizeof stories / sizeof stories[0]; i++)
                if (strcmp(stories[i].name, name) == 0)
                        return &stories[i];
        return NULL;
}
