/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_lab.c - the input is what happens in the lab: a byte for each line of a script, or, after a byte of 255, the
 * script's text itself.
 *
 * Whatever calls, losses, delays and restarts come together, in whatever order: both stacks stay sound (their
 * assertions are on), nothing is delivered differently when it is played again, and a refusal names its line.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lastack/lab.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LINES_MAX  64
#define SCRIPT_MAX 4096

/* What a byte stands for; a number over the count begins again. */
static const char *const lines[] = {
        "client connect\n",
        "server connect\n",
        "server listen\n",
        "server accept\n",
        "client close\n",
        "server close\n",
        "client shutdown\n",
        "server shutdown\n",
        "wait 10ms\n",
        "wait 1ms\n",
        "wait 250ms\n",
        "wait 3s\n",
        "wait 61s\n",
        "client send 1\n",
        "client send 3000\n",
        "server send 100\n",
        "server send 70000\n",
        "client receive\n",
        "server receive\n",
        "client abort\n",
        "server abort\n",
        "client abort-and-wait\n",
        "server abort-and-wait\n",
        "drop client any\n",
        "drop server any\n",
        "drop client FIN 2\n",
        "drop server ACK all\n",
        "duplicate client SYN 500ms\n",
        "duplicate server text 5s\n",
        "duplicate client FIN 30ms\n",
        "duplicate client RST 30ms\n",
        "delay client SYN 1s\n",
        "delay server FIN 70s\n",
        "corrupt server text\n",
        "unreachable client any\n",
        "unreachable server any\n",
        "mend\n",
        "reboot server\n",
        "reboot client\n",
        "client use listener\n",
        "server use listener\n",
        "client use 40000\n",
        "server use 40000\n",
        "client connect from 40001\n",
        "client connect from any\n",
        "client listen 40000\n",
        "server reopen\n",
        "client reopen\n",
        "server listen backlog 0\n",
        "knob server tcp_syncookies 2\n",
        "knob server tcp_syncookies 0\n",
        "knob client tcp_tw_reuse 1\n",
        "knob client tcp_rfc1337 1\n",
        "knob * tcp_timestamps 0\n",
        "danger server tcp_max_tw_buckets 0\n",
        "danger client tcp_max_orphans 0\n",
        "danger server tcp_tw_recycle 1\n",
        "knob server tcp_abort_on_overflow 1\n",
        "knob server tcp_fin_timeout 1\n",
        "knob client lastack.time_wait_ms 0\n",
        "client option linger 1\n",
        "server option linger 0\n",
        "client option keepalive 1\n",
        "client option keepalive-time 1\n",
        "client option user-timeout 700\n",
        "server option receive-buffer 500\n",
        "client option nodelay 1\n",
        "client option cork 1\n",
        "path delay 10ms jitter 20ms loss 10% duplicate 10% reorder 20% 50ms corrupt 5%\n",
        "path mtu 600\n",
        "path delay 1ms rate 5000 queue 4000\n",
        "knob server tcp_fastopen 1538\n",
        "knob client tcp_fastopen 5\n",
        "client option fastopen-connect 1\n",
        "server option fastopen 1\n",
        "client send 10 last\n",
        "server send 10 last to client\n",
        "client option icmp-errors 1\n",
        "server option icmp-errors 1\n",
};
#define LINE_COUNT (sizeof lines / sizeof lines[0])

static void
require(bool holds, const char *what)
{
        if (holds)
                return;
        fprintf(stderr, "fuzz_lab: %s\n", what);
        abort();
}
#define REQUIRE(condition) require(condition, #condition)

/* A line that cannot be just there (nothing to accept, say) is passed over, so that the others get their turn. */
static uint64_t
play_lines(const uint8_t *data, size_t size)
{
        struct la_lab *lab = la_lab_new(1);
        uint64_t digest;

        REQUIRE(lab != NULL);
        for (size_t i = 0; i < size && i < LINES_MAX; i++) {
                struct la_lab_trouble trouble = { 0 };
                int status = la_lab_continue(lab, lines[data[i] % LINE_COUNT], &trouble);

                REQUIRE(status != -ELOOP);
                if (status == -ECANCELED)
                        REQUIRE(!strstr(trouble.text, "rest")); /* a stack never comes to rest */
                REQUIRE(status == 0 || status == -ECANCELED || status == -EINVAL);
                REQUIRE(status == 0 || trouble.line == 1);
        }
        digest = la_lab_digest(lab);
        la_lab_free(lab);
        return digest;
}

static void
play_text(const uint8_t *data, size_t size)
{
        struct la_lab_trouble trouble = { 0 };
        struct la_lab *lab = NULL;
        char script[SCRIPT_MAX];
        int status;

        if (size >= sizeof script)
                return;
        memcpy(script, data, size);
        script[size] = '\0';
        status = la_lab_play(script, 1, &lab, &trouble);
        REQUIRE(status == 0 || status == -EINVAL || status == -ECANCELED);
        REQUIRE((status == -EINVAL) == (lab == NULL));
        REQUIRE(status == 0 || (trouble.line > 0 && trouble.text[0] != '\0'));
        for (const char *c = trouble.text; *c; c++)
                REQUIRE(*c >= ' ' && *c <= '~');
        la_lab_free(lab);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        if (size > 0 && data[0] == 255)
                play_text(data + 1, size - 1);
        else
                REQUIRE(play_lines(data, size) == play_lines(data, size));
        return 0;
}
