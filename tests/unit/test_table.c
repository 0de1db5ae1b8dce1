/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables: aligned, as wide as the terminal and never cut; and rows in an order of the user's choice. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/sort.h"
#include "cli/table.h"

static const struct table_column columns[] = {
        { "NAME", TABLE_LEFT },
        { "COUNT", TABLE_RIGHT },
        { "REMARK", TABLE_LEFT },
};

/* What a table of these rows looks like on a terminal of this width; the caller frees it. */
static char *
shown(unsigned int width, bool heading, const char *const rows[][3], size_t count)
{
        char *output = NULL;
        size_t size;
        struct terminal terminal = { .file = open_memstream(&output, &size), .width = width };
        struct table t;

        table_init(&t, &terminal, columns, 3);
        t.heading = heading;
        for (size_t i = 0; i < count; i++) {
                for (size_t j = 0; j < 3; j++)
                        table_text(&t, rows[i][j]);
                table_row_end(&t, NULL, 0);
        }
        table_put(&t);
        table_fini(&t);
        fclose(terminal.file);
        return output;
}

#define assert_shown(width, heading, rows, expected)                                          \
        do {                                                                                  \
                char *output = shown(width, heading, rows, sizeof(rows) / sizeof((rows)[0])); \
                assert_string_equal(output, expected);                                        \
                free(output);                                                                 \
        } while (0)

static void
columns_are_aligned_without_blanks_at_the_end(void **unused)
{
        static const char *const rows[][3] = { { "a", "1", "" }, { "longer", "12345678", "x" }, { "b", "", "y" } };

        (void)unused;
        assert_shown(0, true, rows,
                     "NAME       COUNT  REMARK\n"
                     "a              1\n"
                     "longer  12345678  x\n"
                     "b                 y\n");
}

static void
without_rows_there_is_the_heading(void **unused)
{
        char *output = shown(80, true, NULL, 0);

        (void)unused;
        assert_string_equal(output, "NAME  COUNT  REMARK\n");
        free(output);
}

static void
what_does_not_fit_stands_below(void **unused)
{
        static const char *const rows[][3] = { { "ten.letter", "1234", "a remark" }, { "b", "2", "" } };

        (void)unused;
        assert_shown(20, true, rows,
                     "NAME        COUNT\n"
                     "ten.letter   1234\n"
                     "        a remark\n"
                     "b               2\n");
        assert_shown(12, true, rows, /* a number brings its heading along */
                     "NAME\n"
                     "ten.letter\n"
                     "        COUNT 1234\n"
                     "        a remark\n"
                     "b\n"
                     "        COUNT 2\n");
        assert_shown(27, true, rows,
                     "NAME        COUNT  REMARK\n"
                     "ten.letter   1234  a remark\n"
                     "b               2\n");
}

static void
columns_are_counted_not_bytes(void **unused)
{
        static const char *const rows[][3] = { { "\u00e4\u00f6\u00fc", "1", "x" },
                                               { "abcd", "1", "y" },
                                               { "\xff", "1", "z" } };

        (void)unused;
        if (!setlocale(LC_CTYPE, "C.UTF-8"))
                skip();
        assert_shown(0, false, rows, "\u00e4\u00f6\u00fc   1  x\nabcd  1  y\n\xff     1  z\n");
        setlocale(LC_CTYPE, "C");
}

static void
colours_take_no_room(void **unused)
{
        static const char *const rows[][3] = { { "\033[1mab\033[0m", "1", "x" }, { "abc", "1", "y" } };

        (void)unused;
        assert_shown(0, false, rows, "\033[1mab\033[0m   1  x\nabc  1  y\n");
}

/* ---- Order ---- */

static struct la_snapshot
socket_of(uint32_t receive_queue, uint16_t port)
{
        return (struct la_snapshot){ .family = LA_IPV4, .receive_queue = receive_queue, .local = { { 127 }, port } };
}

/* The ports of three sockets, in the order that a key puts them in. */
static void
assert_order(const char *by, const char *expected)
{
        const struct la_snapshot sockets[] = { socket_of(7, 300), socket_of(256, 20), socket_of(7, 1000) };
        struct sorted_rows rows = { 0 };
        struct sort_order order;
        const char *wrong;
        size_t length;
        char got[64] = "";

        assert_true(sort_parse(by, &order, &wrong, &length));
        for (size_t i = 0; i < 3; i++) {
                uint8_t key[SORT_KEY_ROOM];
                char text[16];
                int n = snprintf(text, sizeof(text), "%u ", sockets[i].local.port);
                size_t key_length = sort_key(&order, &sockets[i], key);
                assert_true(sorted_rows_add(&rows, key, key_length, text, (size_t)n + 1));
        }
        sorted_rows_sort(&rows);
        for (size_t i = 0; i < rows.count; i++)
                strcat(got, sorted_rows_text(&rows, i));
        assert_string_equal(got, expected);
        sorted_rows_fini(&rows);
}

static void
rows_in_order(void **unused)
{
        (void)unused;
        assert_order("sport", "20 300 1000 ");
        assert_order("-sport", "1000 300 20 ");
        assert_order("recvq", "300 1000 20 "); /* equal ones as they came */
        assert_order("-recvq,-sport", "20 1000 300 ");
        assert_order("RecvQ,local", "300 1000 20 ");
        assert_order("remote", "300 20 1000 ");
}

static void
unknown_orders_are_named(void **unused)
{
        static const char *const wrong_orders[][2] = {
                { "bogus", "bogus" },
                { "sport,bogus,local", "bogus" },
                { "", "" },
                { "sport,", "" },
                { "--sport", "--sport" },
                { "state,local,remote,sport,dport,recvq,sendq,timer,uid", "uid" }, /* one too many */
        };

        (void)unused;
        for (size_t i = 0; i < sizeof(wrong_orders) / sizeof(wrong_orders[0]); i++) {
                struct sort_order order;
                const char *wrong;
                size_t length;
                assert_false(sort_parse(wrong_orders[i][0], &order, &wrong, &length));
                assert_int_equal(length, strlen(wrong_orders[i][1]));
                assert_memory_equal(wrong, wrong_orders[i][1], length);
        }
}

static void
an_order_says_what_it_needs(void **unused)
{
        struct sort_order order;
        const char *wrong;
        size_t length;

        (void)unused;
        assert_true(sort_parse("-rtt,comm", &order, &wrong, &length));
        assert_int_equal(sort_needs(&order), LA_KNOWN_TCP | LA_KNOWN_OWNERS);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(columns_are_aligned_without_blanks_at_the_end),
                cmocka_unit_test(without_rows_there_is_the_heading),
                cmocka_unit_test(what_does_not_fit_stands_below),
                cmocka_unit_test(columns_are_counted_not_bytes),
                cmocka_unit_test(colours_take_no_room),
                cmocka_unit_test(rows_in_order),
                cmocka_unit_test(unknown_orders_are_named),
                cmocka_unit_test(an_order_says_what_it_needs),
        };

        return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
