/* SPDX-License-Identifier: BSD-2-Clause */
/* Texts to read: whole words, lines no longer than they may be, and nothing lost. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/prose.h"

/* Prose that is written to memory. */
struct page {
        struct prose prose;
        char *text;
        size_t size;
};

static struct page
begin(unsigned int width)
{
        struct page p = { 0 };

        prose_init(&p.prose, &(struct terminal){ .width = width });
        return p;
}

static void
open_page(struct page *p)
{
        p->prose.terminal.file = open_memstream(&p->text, &p->size);
        assert_non_null(p->prose.terminal.file);
}

static void
expect(struct page *p, const char *text)
{
        fclose(p->prose.terminal.file);
        assert_string_equal(p->text, text);
        free(p->text);
}

static void
expect_paragraph(unsigned int width, unsigned int indent, const char *text, const char *lines)
{
        struct page p = begin(width);

        open_page(&p);
        prose_paragraph(&p.prose, indent, text);
        expect(&p, lines);
}

static void
paragraphs_break_between_words(void **unused)
{
        (void)unused;
        expect_paragraph(24, 0, "one two three four five six seven", "one two three four five\nsix seven\n");
        expect_paragraph(23, 0, "one two three four five six seven", "one two three four five\nsix seven\n");
        expect_paragraph(22, 0, "one two three four five six seven", "one two three four\nfive six seven\n");
        expect_paragraph(20, 2, "one two three four five", "  one two three four\n  five\n");
        expect_paragraph(30, 4, "one two three four five six seven", "    one two three four five\n    six seven\n");
}

static void
what_does_not_fit_is_not_cut(void **unused)
{
        (void)unused;
        expect_paragraph(20, 0, "a /proc/sys/net/ipv4/ip_local_reserved_ports b",
                         "a\n/proc/sys/net/ipv4/ip_local_reserved_ports\nb\n");
        /* However far a text is indented, some columns are left for it. */
        expect_paragraph(20, 30, "one two three four five",
                         "                              one two\n"
                         "                              three four\n"
                         "                              five\n");
}

static void
a_newline_begins_a_line(void **unused)
{
        (void)unused;
        expect_paragraph(40, 2, "4.11: first\n4.19: second", "  4.11: first\n  4.19: second\n");
        expect_paragraph(40, 2, "one\n\ntwo\n", "  one\n\n  two\n");
        expect_paragraph(40, 2, "", "");
}

static void
blanks_are_not_left_at_ends(void **unused)
{
        (void)unused;
        expect_paragraph(20, 0, "one two three four  five ", "one two three four\nfive\n");
        expect_paragraph(20, 0, "one  two  \nthree", "one  two\nthree\n");
}

static void
no_line_is_wider_than_people_read(void **unused)
{
        char text[1001], *line;
        struct page p = begin(1000);

        (void)unused;
        for (size_t i = 0; i < sizeof(text) - 1; i++)
                text[i] = i % 4 == 3 ? ' ' : 'x';
        text[sizeof(text) - 1] = '\0';
        open_page(&p);
        prose_paragraph(&p.prose, 0, text);
        fclose(p.prose.terminal.file);
        line = strchr(p.text, '\n');
        assert_in_range(line - p.text, 90, 100);
        free(p.text);
}

static void
a_file_gets_the_usual_width(void **unused)
{
        (void)unused;
        assert_int_equal(begin(0).prose.width, 80);
}

static void
lines_are_as_long_as_columns_not_bytes(void **unused)
{
        (void)unused;
        if (!setlocale(LC_ALL, "C.UTF-8"))
                skip(); /* there is no UTF-8 locale on this system */
        expect_paragraph(20, 0, "üüüüüüüü üüüüüüüü üü ü", "üüüüüüüü üüüüüüüü üü\nü\n");
        setlocale(LC_ALL, "C");
}

static void
items_stand_in_two_columns(void **unused)
{
        struct page p = begin(40);

        (void)unused;
        open_page(&p);
        prose_item(&p.prose, 2, 8, "Cause", "the peer has closed and all of it is read");
        prose_item(&p.prose, 2, 8, "Answered", "the label is as wide as its column");
        prose_item(&p.prose, 2, 8, "Empty", "");
        expect(&p, "  Cause   the peer has closed and all of\n"
                   "          it is read\n"
                   "  Answered\n"
                   "          the label is as wide as its\n"
                   "          column\n"
                   "  Empty\n");
}

static void
items_of_a_narrow_terminal_stand_below_their_label(void **unused)
{
        struct page p = begin(24);

        (void)unused;
        open_page(&p);
        prose_item(&p.prose, 2, 20, "Cause", "a segment arrives");
        expect(&p, "  Cause\n    a segment arrives\n");
}

static void
labels_and_headings_break_between_words_too(void **unused)
{
        struct page p = begin(20);

        (void)unused;
        p.prose.terminal.colour = true;
        open_page(&p);
        prose_title(&p.prose, "SYN_RECEIVED -> ESTABLISHED", "one step");
        prose_heading(&p.prose, "What it is mistaken for");
        prose_item(&p.prose, 2, 27, "TIME_WAIT     time-wait", "all is done");
        expect(&p, "\033[1mSYN_RECEIVED ->\033[0m\n\033[1mESTABLISHED\033[0m\n  one step\n\n"
                   "\033[1mWhat it is mistaken\033[0m\n\033[1mfor\033[0m\n"
                   "  TIME_WAIT\n  time-wait\n    all is done\n");
}

static void
titles_are_bold_only_in_colour(void **unused)
{
        struct page p = begin(80);

        (void)unused;
        open_page(&p);
        prose_title(&p.prose, "LISTEN", "waiting");
        prose_heading(&p.prose, "Who");
        expect(&p, "LISTEN  waiting\n\nWho\n");

        p = begin(80);
        p.prose.terminal.colour = true;
        open_page(&p);
        prose_title(&p.prose, "LISTEN", "");
        prose_title(&p.prose, "CLOSED", "none");
        expect(&p, "\033[1mLISTEN\033[0m\n\n\033[1mCLOSED\033[0m  none\n");
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(paragraphs_break_between_words),
                cmocka_unit_test(what_does_not_fit_is_not_cut),
                cmocka_unit_test(a_newline_begins_a_line),
                cmocka_unit_test(blanks_are_not_left_at_ends),
                cmocka_unit_test(no_line_is_wider_than_people_read),
                cmocka_unit_test(a_file_gets_the_usual_width),
                cmocka_unit_test(lines_are_as_long_as_columns_not_bytes),
                cmocka_unit_test(items_stand_in_two_columns),
                cmocka_unit_test(items_of_a_narrow_terminal_stand_below_their_label),
                cmocka_unit_test(labels_and_headings_break_between_words_too),
                cmocka_unit_test(titles_are_bold_only_in_colour),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
