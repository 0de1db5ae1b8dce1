/* SPDX-License-Identifier: BSD-2-Clause */
/* A short scenario for each row of transition.def, in its order. */
#include "lab/scenarios.h"

#define ROW(id, text) [LA_T_##id] = { .name = #id, .script = text }

#define KEEPALIVE(host)                                                               \
        host " option keepalive-time 10\n" host " option keepalive-interval 2\n" host \
             " option keepalive-probes 3\n" host " option keepalive 1\n"

/* The server takes what comes in a SYN, and the client may send it, both without the cookie of a first connection. */
#define FAST_OPEN                                                                                    \
        "knob server tcp_fastopen 1538\nknob client tcp_fastopen 5\nserver listen\nclient connect\n" \
        "client option fastopen-connect 1\n"

/* A cookie must be ahead of the old connection's numbers, and is so every other time. */
#define ONE_TRY "wait 1s\nclient connect\nwait 30ms\nenough client ESTABLISHED\nclient abort\n"

static const struct la_lab_scenario rows[LA_TRANSITION_COUNT] = {
        /* ---- From CLOSED and LISTEN ---- */
        ROW(CLOSED_PASSIVE_OPEN, "server listen\n"),
        ROW(CLOSED_ACTIVE_OPEN, "server listen\nclient connect\nwait 10ms\n"),
        ROW(LISTEN_RCV_SYN, "server listen\nclient connect\nwait 10ms\n"),
        ROW(LISTEN_RCV_COOKIE_ACK, "knob server tcp_syncookies 2\n" OPEN),
        ROW(LISTEN_SEND, "client listen 40000\nserver listen\nserver send 10 to client\nwait 30ms\n"),
        ROW(LISTEN_ACTIVE_OPEN, "client listen 40000\nserver listen\nserver reopen\nwait 20ms\n"),
        ROW(LISTEN_CLOSE, "server listen\nserver close\n"),
        ROW(LISTEN_ABORT, "server listen\nserver abort\n"),

        /* ---- From SYN_SENT ---- */
        ROW(SYN_SENT_RCV_SYN_ACK, "server listen\nclient connect\nwait 20ms\n"),
        ROW(SYN_SENT_RCV_SYN, "client connect\nserver connect\nwait 20ms\n"),
        ROW(SYN_SENT_RCV_RST, "client connect\nwait 20ms\n"),
        ROW(SYN_SENT_CLOSE, "drop client SYN\nclient connect\nwait 500ms\nclient close\n"),
        ROW(SYN_SENT_ABORT, "drop client SYN\nclient connect\nwait 500ms\nclient abort\n"),
        ROW(SYN_SENT_GIVE_UP, "knob client tcp_syn_retries 2\n" CUT "client connect\nwait 1m\n"),
        ROW(SYN_SENT_USER_TIMEOUT, CUT "client connect\nclient option user-timeout 2000\nwait 5s\n"),
        ROW(SYN_SENT_ICMP_ERROR, "unreachable client SYN\nclient connect\nwait 20ms\n"),

        /* ---- From SYN_RECEIVED ---- */
        ROW(SYN_RECEIVED_RCV_ACK, "server listen\nclient connect\nwait 30ms\n"),
        ROW(SYN_RECEIVED_RCV_FIN, FAST_OPEN "client send 100 last\nwait 50ms\n"),
        ROW(SYN_RECEIVED_RCV_RST_PASSIVE, "server listen\nclient connect\nwait 5ms\nclient abort\nwait 30ms\n"),
        ROW(SYN_RECEIVED_RCV_SYN_PASSIVE, "drop server SYN,ACK\n"
                                          "server listen\nclient connect\nwait 20ms\nclient abort\n"
                                          "client connect\nwait 2s\n"),
        ROW(SYN_RECEIVED_RCV_RST_ACTIVE, "drop client SYN,ACK\n" OPEN_CROSSED "client abort\nwait 20ms\n"),
        ROW(SYN_RECEIVED_RCV_RST_FAST_OPEN,
            FAST_OPEN "client send 100\nwait 5ms\nclient abort\nwait 10ms\nserver accept\nwait 20ms\n"),
        ROW(SYN_RECEIVED_RCV_RST_REOPENED, OPEN SERVER_WAITS "delay client SYN 1s\n"
                                                             "client connect\nwait 1ms\nclient abort\nwait 2s\n"),
        ROW(SYN_RECEIVED_CLOSE, OPEN_CROSSED "client close\nwait 40ms\n"),
        ROW(SYN_RECEIVED_CLOSE_UNREAD,
            FAST_OPEN "client send 100\nwait 15ms\nserver accept\nserver close\nwait 20ms\n"),
        ROW(SYN_RECEIVED_ABORT, OPEN_CROSSED "client abort\nwait 20ms\n"),
        ROW(SYN_RECEIVED_ABORT_TIME_WAIT, OPEN_CROSSED "client abort-and-wait\nwait 20ms\n"),
        ROW(SYN_RECEIVED_GIVE_UP, "knob server tcp_synack_retries 2\ndrop server any all\ndrop client any 2-\n"
                                  "server listen\nclient connect\nwait 10s\n"),
        ROW(SYN_RECEIVED_USER_TIMEOUT, "drop * SYN,ACK all\nclient connect\nserver connect\n"
                                       "client option user-timeout 2000\nwait 5s\n"),
        ROW(SYN_RECEIVED_ICMP_ERROR, "unreachable server SYN,ACK\nserver listen\nclient connect\nwait 40ms\n"),
        ROW(SYN_RECEIVED_ACCEPT_OVERFLOW, "knob server tcp_abort_on_overflow 1\nserver listen backlog 1\n"
                                          "client connect from 40000\nwait 50ms\n"
                                          "client connect from 40001\nclient connect from 40002\nwait 50ms\n"),

        /* ---- From ESTABLISHED ---- */
        ROW(ESTABLISHED_CLOSE, OPEN "client close\nwait 20ms\n"),
        ROW(ESTABLISHED_RCV_FIN, OPEN "client close\nwait 20ms\n"),
        ROW(ESTABLISHED_RCV_RST, OPEN "client abort\nwait 10ms\n"),
        ROW(ESTABLISHED_CLOSE_UNREAD, OPEN "client send 100\nwait 20ms\nserver close\nwait 10ms\n"),
        ROW(ESTABLISHED_ABORT, OPEN "client abort\nwait 10ms\n"),
        ROW(ESTABLISHED_ABORT_TIME_WAIT, OPEN "client abort-and-wait\nwait 10ms\n"),
        ROW(ESTABLISHED_GIVE_UP, "knob client tcp_retries2 3\n" OPEN CUT "client send 100\nwait 1m\n"),
        ROW(ESTABLISHED_USER_TIMEOUT, OPEN "client option user-timeout 1000\n" CUT "client send 100\nwait 10s\n"),
        ROW(ESTABLISHED_KEEPALIVE_TIMEOUT, OPEN KEEPALIVE("client") CUT "wait 30s\n"),
        ROW(ESTABLISHED_ICMP_ERROR, OPEN "client option icmp-errors 1\n"
                                         "unreachable client text\nclient send 100\nwait 500ms\n"),

        /* ---- From FIN_WAIT_1 ---- */
        ROW(FIN_WAIT_1_RCV_ACK, OPEN "client shutdown\nwait 20ms\n"),
        ROW(FIN_WAIT_1_RCV_FIN, OPEN "client shutdown\nserver shutdown\nwait 20ms\n"),
        ROW(FIN_WAIT_1_RCV_FIN_ACK, OPEN "client shutdown\nuntil server CLOSE_WAIT\nserver shutdown\nwait 20ms\n"),
        ROW(FIN_WAIT_1_RCV_RST, OPEN "client shutdown\nwait 5ms\nserver abort\nwait 20ms\n"),
        ROW(FIN_WAIT_1_RCV_TEXT, OPEN "client close\nserver send 100\nwait 20ms\n"),
        ROW(FIN_WAIT_1_CLOSE_UNREAD, OPEN "server send 100\nclient shutdown\nwait 10ms\nclient close\nwait 20ms\n"),
        ROW(FIN_WAIT_1_ABORT, OPEN "client shutdown\nwait 5ms\nclient abort\nwait 20ms\n"),
        ROW(FIN_WAIT_1_ABORT_TIME_WAIT, OPEN "client shutdown\nwait 5ms\nclient abort-and-wait\nwait 20ms\n"),
        ROW(FIN_WAIT_1_GIVE_UP, "knob client tcp_orphan_retries 2\n" OPEN CUT "client close\nwait 1m\n"),
        ROW(FIN_WAIT_1_USER_TIMEOUT, OPEN "client option user-timeout 1000\n" CUT "client shutdown\nwait 10s\n"),
        ROW(FIN_WAIT_1_ICMP_ERROR, OPEN "client option icmp-errors 1\n"
                                        "unreachable client FIN\nclient shutdown\nwait 500ms\n"),
        ROW(FIN_WAIT_1_ORPHAN_LIMIT, "danger client tcp_max_orphans 0\n" OPEN "client close\nwait 20ms\n"),

        /* ---- From FIN_WAIT_2 ---- */
        ROW(FIN_WAIT_2_RCV_FIN, OPEN HALF_CLOSED "server close\nwait 20ms\n"),
        ROW(FIN_WAIT_2_RCV_RST, OPEN HALF_CLOSED "server abort\nwait 10ms\n"),
        ROW(FIN_WAIT_2_RCV_TEXT, OPEN "client close\nwait 20ms\nserver send 100\nwait 20ms\n"),
        ROW(FIN_WAIT_2_CLOSE_UNREAD, OPEN HALF_CLOSED "server send 100\nwait 10ms\nclient close\nwait 10ms\n"),
        ROW(FIN_WAIT_2_ABORT, OPEN HALF_CLOSED "client abort\nwait 10ms\n"),
        ROW(FIN_WAIT_2_ABORT_TIME_WAIT, OPEN HALF_CLOSED "client abort-and-wait\nwait 10ms\n"),
        ROW(FIN_WAIT_2_TIMEOUT, OPEN "client close\nwait 70s\n"),
        ROW(FIN_WAIT_2_KEEPALIVE_TIMEOUT, OPEN KEEPALIVE("client") HALF_CLOSED CUT "wait 30s\n"),
        ROW(FIN_WAIT_2_USER_TIMEOUT,
            OPEN KEEPALIVE("client") "client option user-timeout 15000\n" HALF_CLOSED CUT "wait 30s\n"),
        ROW(FIN_WAIT_2_ORPHAN_LIMIT, "danger client tcp_max_orphans 0\n" OPEN HALF_CLOSED "client close\nwait 10ms\n"),
        ROW(FIN_WAIT_2_OVERFLOW, "danger client tcp_max_tw_buckets 0\n" OPEN "client close\nwait 20ms\n"),

        /* ---- From CLOSE_WAIT ---- */
        ROW(CLOSE_WAIT_CLOSE, OPEN HALF_CLOSED "server close\nwait 20ms\n"),
        ROW(CLOSE_WAIT_RCV_RST, OPEN HALF_CLOSED "client abort\nwait 10ms\n"),
        ROW(CLOSE_WAIT_CLOSE_UNREAD, OPEN "client send 100\n" HALF_CLOSED "server close\nwait 10ms\n"),
        ROW(CLOSE_WAIT_ABORT, OPEN HALF_CLOSED "server abort\nwait 10ms\n"),
        ROW(CLOSE_WAIT_ABORT_TIME_WAIT, OPEN HALF_CLOSED "server abort-and-wait\nwait 10ms\n"),
        ROW(CLOSE_WAIT_GIVE_UP, "knob server tcp_retries2 3\n" OPEN HALF_CLOSED CUT "server send 100\nwait 1m\n"),
        ROW(CLOSE_WAIT_USER_TIMEOUT,
            OPEN "server option user-timeout 1000\n" HALF_CLOSED CUT "server send 100\nwait 10s\n"),
        ROW(CLOSE_WAIT_KEEPALIVE_TIMEOUT, OPEN KEEPALIVE("server") HALF_CLOSED CUT "wait 30s\n"),
        ROW(CLOSE_WAIT_ICMP_ERROR,
            OPEN "server option icmp-errors 1\n" HALF_CLOSED "unreachable server text\nserver send 100\nwait 500ms\n"),

        /* ---- From CLOSING ---- */
        ROW(CLOSING_RCV_ACK, OPEN "client shutdown\nserver shutdown\nwait 20ms\n"),
        ROW(CLOSING_RCV_RST,
            "drop client FIN all\n" OPEN "client shutdown\nserver shutdown\nwait 10ms\nserver abort\nwait 20ms\n"),
        ROW(CLOSING_CLOSE_UNREAD,
            OPEN "server send 100\nserver shutdown\nclient shutdown\nwait 15ms\nclient close\nwait 20ms\n"),
        ROW(CLOSING_ABORT, OPEN "client shutdown\nserver shutdown\nwait 15ms\nclient abort\nwait 20ms\n"),
        ROW(CLOSING_GIVE_UP,
            "knob client tcp_retries2 3\ndrop client FIN all\n" OPEN "client shutdown\nserver shutdown\nwait 1m\n"),
        ROW(CLOSING_USER_TIMEOUT, "drop client FIN all\n" OPEN
                                  "client option user-timeout 1000\nclient shutdown\nserver shutdown\nwait 10s\n"),
        ROW(CLOSING_ICMP_ERROR, OPEN "client option icmp-errors 1\n"
                                     "unreachable client FIN\nclient shutdown\nserver shutdown\nwait 500ms\n"),
        ROW(CLOSING_ORPHAN_LIMIT, "danger client tcp_max_orphans 0\n" OPEN
                                  "client shutdown\nserver shutdown\nwait 15ms\nclient close\nwait 20ms\n"),

        /* ---- From LAST_ACK ---- */
        ROW(LAST_ACK_RCV_ACK, OPEN HALF_CLOSED "server close\nwait 20ms\n"),
        ROW(LAST_ACK_RCV_RST, OPEN HALF_CLOSED "server close\nwait 5ms\nclient abort\nwait 20ms\n"),
        ROW(LAST_ACK_CLOSE_UNREAD,
            OPEN "client send 100\n" HALF_CLOSED "server shutdown\nwait 5ms\nserver close\nwait 20ms\n"),
        ROW(LAST_ACK_ABORT, OPEN HALF_CLOSED "server shutdown\nwait 5ms\nserver abort\nwait 20ms\n"),
        ROW(LAST_ACK_GIVE_UP, "knob server tcp_orphan_retries 2\n" OPEN HALF_CLOSED CUT "server close\nwait 1m\n"),
        ROW(LAST_ACK_USER_TIMEOUT, OPEN "server option user-timeout 1000\n" HALF_CLOSED CUT "server close\nwait 10s\n"),
        ROW(LAST_ACK_ICMP_ERROR,
            OPEN "server option icmp-errors 1\n" HALF_CLOSED "unreachable server FIN\nserver close\nwait 500ms\n"),
        ROW(LAST_ACK_ORPHAN_LIMIT, "danger server tcp_max_orphans 0\n" OPEN HALF_CLOSED "server close\nwait 20ms\n"),

        /* ---- From TIME_WAIT ---- */
        ROW(TIME_WAIT_TIMEOUT, OPEN CLIENT_WAITS "wait 61s\n"),
        ROW(TIME_WAIT_RCV_SYN, OPEN SERVER_WAITS "wait 1s\nclient connect\nwait 30ms\n"),
        ROW(TIME_WAIT_RCV_COOKIE_ACK, "knob server tcp_syncookies 2\n" OPEN SERVER_WAITS ONE_TRY ONE_TRY ONE_TRY ONE_TRY
                                              ONE_TRY ONE_TRY ONE_TRY ONE_TRY),
        ROW(TIME_WAIT_ACTIVE_OPEN,
            "knob client tcp_tw_reuse 1\n" OPEN CLIENT_WAITS "wait 2s\nclient connect\nwait 30ms\n"),
        ROW(TIME_WAIT_RCV_RST,
            "duplicate server text 1s\n" OPEN "server send 100\nwait 20ms\nclient receive\n" CLIENT_WAITS "wait 2s\n"),
        ROW(TIME_WAIT_ABORT, OPEN HALF_CLOSED "server close\nwait 20ms\nclient abort\n"),
        ROW(TIME_WAIT_OVERFLOW, "danger client tcp_max_tw_buckets 0\n" OPEN HALF_CLOSED "server close\nwait 20ms\n"),
};

const struct la_lab_scenario *
la_lab_scenario_of_row(enum la_transition row)
{
        return row < LA_TRANSITION_COUNT && rows[row].script ? &rows[row] : NULL;
}
