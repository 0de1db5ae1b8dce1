/* SPDX-License-Identifier: BSD-2-Clause */
/* The shortest natural way into each of the eleven states; the script itself checks that it got there. */
#include "lab/scenarios.h"

enum {
        CLIENT,
        SERVER,
};

#define STATE(id, who, text) [LA_##id] = { .name = #id, .script = text, .host = who }

static const struct la_lab_scenario states[LA_STATE_COUNT] = {
        STATE(CLOSED, SERVER,
              OPEN CLIENT_WAITS "server use 40000\nserver use listener\nserver close\nserver use 40000\n"
                                "expect server CLOSED\n"),
        STATE(LISTEN, SERVER, "server listen\nexpect server LISTEN\n"),
        STATE(SYN_SENT, CLIENT, "server listen\nclient connect\nwait 5ms\nexpect client SYN_SENT\n"),
        STATE(SYN_RECEIVED, SERVER, "server listen\nclient connect\nwait 15ms\nexpect server SYN_RECEIVED\n"),
        STATE(ESTABLISHED, SERVER, OPEN "expect client ESTABLISHED\nexpect server ESTABLISHED\n"),
        STATE(FIN_WAIT_1, CLIENT, OPEN "client shutdown\nwait 5ms\nexpect client FIN_WAIT_1\n"),
        STATE(FIN_WAIT_2, CLIENT, OPEN HALF_CLOSED "expect client FIN_WAIT_2\n"),
        STATE(CLOSE_WAIT, SERVER, OPEN HALF_CLOSED "expect server CLOSE_WAIT\n"),
        STATE(CLOSING, CLIENT, OPEN "client shutdown\nserver shutdown\nwait 15ms\nexpect client CLOSING\n"),
        STATE(LAST_ACK, SERVER, OPEN HALF_CLOSED "server close\nwait 5ms\nexpect server LAST_ACK\n"),
        STATE(TIME_WAIT, CLIENT, OPEN CLIENT_WAITS "expect client TIME_WAIT\n"),
};

const struct la_lab_scenario *
la_lab_scenario_of_state(enum la_state state)
{
        return state < LA_STATE_COUNT ? &states[state] : NULL;
}
