/* SPDX-License-Identifier: BSD-2-Clause */
/* Recordings: what is written is what is read; addresses in disguise. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/witness.h"

static const uint64_t key[2] = { 0x0123456789abcdef, 0xfedcba9876543210 };

/* ---- Fields --------------------------------------------------------------------------------------------------------- */

static void
each_field_holds_what_it_can(void **unused)
{
        (void)unused;
        for (size_t i = 0; i < recording_field_count; i++) {
                const struct recording_field *field = &recording_fields[i];
                struct la_snapshot s = { 0 };

                assert_true(recording_set(&s, field, 1));
                assert_int_equal(recording_get(&s, field), 1);
                if (field->size < 8) {
                        assert_false(recording_set(&s, field, UINT64_C(1) << 8 * field->size));
                        assert_int_equal(recording_get(&s, field), 1);
                }
                for (size_t j = 0; j < i; j++)
                        assert_string_not_equal(recording_fields[j].name, field->name);
        }
}

/* A bool or an enum that is none would be undefined behaviour. */
static void
flags_are_one_or_nothing(void **unused)
{
        struct la_snapshot s = { 0 };

        (void)unused;
        for (size_t i = 0; i < recording_field_count; i++) {
                if (strcmp(recording_fields[i].name, "v6only") == 0)
                        assert_false(recording_set(&s, &recording_fields[i], 2));
                if (strcmp(recording_fields[i].name, "timer") == 0)
                        assert_false(recording_set(&s, &recording_fields[i], LA_TIMER_PERSIST + 1));
                if (strcmp(recording_fields[i].name, "backoff") == 0)
                        assert_true(recording_set(&s, &recording_fields[i], 9));
        }
}

/* ---- There and back ------------------------------------------------------------------------------------------------- */

static struct evidence read_back;
static struct recording_read told;

static int
read_text(const char *text, size_t size)
{
        struct witness w = { .evidence = &read_back };
        FILE *file = fmemopen((char *)text, size, "r");

        evidence_init(&read_back, 0);
        int r = recording_read(file, &w, &told);
        fclose(file);
        return r;
}

static int
forget(void **unused)
{
        (void)unused;
        evidence_fini(&read_back);
        return 0;
}

static void
a_recording_comes_back(void **unused)
{
        static const struct la_owner owner = { 4711, 9, "a \"b\\c" };
        struct la_snapshot s = {
                .known = LA_KNOWN_AGE | LA_KNOWN_INODE,
                .state = LA_CLOSE_WAIT,
                .family = LA_IPV6,
                .local = { { 0x20, 1, [15] = 1 }, 80 },
                .remote = { { 0x20, 1, [15] = 2 }, 40000 },
                .inode = 77,
                .age_min_ms = 5000,
                .owners = &owner,
                .owner_count = 1,
        };
        char *text;
        size_t size;
        struct recording r = { .file = open_memstream(&text, &size) };
        int64_t value = 0;

        (void)unused;
        assert_int_equal(recording_head(&r, &(struct recording_head){ "6.1", 1234, "now" }), 0);
        assert_int_equal(recording_knob(&r, "net.ipv4.tcp_tw_reuse", "1", false), 0);
        assert_int_equal(recording_look(&r, 5000), 0);
        assert_int_equal(recording_amount(&r, "counter", "ListenDrops", 5), 0);
        assert_int_equal(recording_look(&r, 8000), 0);
        assert_int_equal(recording_amount(&r, "counter", "ListenDrops", 9), 0);
        assert_int_equal(recording_amount(&r, "fact", "orphans", -3), 0);
        assert_int_equal(recording_socket(&r, &s), 0);
        assert_int_equal(recording_restart(&r), 0);
        assert_int_equal(recording_socket(&r, &s), 0);
        assert_int_equal(recording_end(&r, &(struct recording_end){ .source = "/proc/net/tcp",
                                                                    .missing = 4,
                                                                    .owners_hidden = 2,
                                                                    .inconsistent = true }),
                         0);
        fclose(r.file);

        assert_int_equal(read_text(text, size), 0);
        assert_int_equal(read_back.idle_ms, 1234);
        assert_string_equal(told.kernel, "6.1");
        assert_string_equal(told.source, "/proc/net/tcp");
        assert_string_equal(read_back.source, "/proc/net/tcp");
        assert_int_equal(evidence_span_ms(&read_back), 3000);
        assert_int_equal(evidence_growth(&read_back, "ListenDrops"), 4);
        assert_true(evidence_fact_is(&read_back, "orphans", &value));
        assert_int_equal(value, -3);
        assert_int_equal(evidence_number_or(&read_back, LA_K_tcp_tw_reuse, 0), 1);
        assert_int_equal(read_back.now.survey.total, 1);
        assert_string_equal(read_back.now.survey.close_wait.holder[0].owner.comm, owner.comm);
        assert_int_equal(read_back.now.survey.close_wait.holder[0].oldest_min_ms, 5000);
        assert_int_equal(read_back.missing, 4);
        assert_int_equal(read_back.owners_hidden, 2);
        assert_true(read_back.inconsistent);
        free(text);
}

#define HEAD "{\"lastack_recording\":1}\n"
#define LOOK "{\"look\":1,\"at_ms\":0}\n"

static void
nonsense_is_told_with_its_line(void **unused)
{
        static const struct {
                const char *text;
                unsigned long line;
        } bad[] = {
                { "[]\n", 1 },
                { "{\"lastack_recording\":\"1\"}\n", 1 },
                { "{\"lastack_recording\":2}\n", 1 },
                { HEAD "{\"look\":1}\n", 2 },
                { HEAD "{\"counter\":\"x\",\"value\":1}\n", 2 },
                { HEAD LOOK "{\"counter\":\"x\",\"value\":\"1\"}\n", 3 },
                { HEAD LOOK "{\"socket\":\"NOWHERE\",\"local\":\"1.2.3.4:5\",\"remote\":\"1.2.3.4:5\"}\n", 3 },
                { HEAD LOOK "{\"socket\":\"LISTEN\",\"local\":\"1.2.3.4\",\"remote\":\"1.2.3.4:5\"}\n", 3 },
                { HEAD LOOK "{\"socket\":\"LISTEN\",\"local\":\"1.2.3.4:5\",\"remote\":\"[::1]:5\"}\n", 3 },
                { HEAD LOOK "{\"socket\":\"LISTEN\",\"local\":\"[:5\",\"remote\":\"[]:5\"}\n", 3 },
                { HEAD LOOK "{\"socket\":\"LISTEN\",\"local\":\":\",\"remote\":\":\"}\n", 3 },
                { HEAD LOOK "{\"socket\":\"LISTEN\",\"local\":\"1.2.3.4:5\",\"remote\":\"1.2.3.4:5\",\"timer\":9}\n",
                  3 },
                { HEAD LOOK "{\"socket\":\"LISTEN\",\"local\":\"1.2.3.4:5\",\"remote\":\"1.2.3.4:5\",\"inode\":-1}\n",
                  3 },
                { HEAD LOOK "{\"end\":1,\"sockets\":7}\n", 3 },
                { HEAD LOOK "{\"end\":2,\"sockets\":0}\n", 3 },
                { HEAD "{\"end\":0,\"sockets\":0}\n", 2 },
                { HEAD LOOK, 2 },
                { HEAD LOOK "{\"end\":1,\"sockets\":0}\n{}\n", 4 },
        };

        (void)unused;
        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
                assert_int_equal(read_text(bad[i].text, strlen(bad[i].text)), -EBADMSG);
                assert_int_equal(told.line, bad[i].line);
                assert_true(*told.problem);
                forget(NULL);
        }
        assert_int_equal(
                read_text(HEAD LOOK "{\"end\":1,\"sockets\":0}\n", sizeof(HEAD LOOK "{\"end\":1,\"sockets\":0}\n") - 1),
                0);
}

/* ---- Disguise ------------------------------------------------------------------------------------------------------- */

static void
disguise(enum la_family family, const uint8_t from[16], uint8_t to[16])
{
        memcpy(to, from, 16);
        recording_disguise(key, family, to);
}

static void
what_speaks_stays(void **unused)
{
        static const struct {
                enum la_family family;
                uint8_t address[16];
        } same[] = {
                { LA_IPV4, { 0 } },
                { LA_IPV4, { 127, 0, 0, 1 } },
                { LA_IPV4, { 127, 255, 3, 9 } },
                { LA_IPV4, { 224, 0, 0, 1 } },
                { LA_IPV6, { 0 } },
                { LA_IPV6, { [15] = 1 } },
                { LA_IPV6, { [10] = 0xff, 0xff, 127, 0, 0, 1 } },
        };
        uint8_t hidden[16];

        (void)unused;
        for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
                disguise(same[i].family, same[i].address, hidden);
                assert_memory_equal(hidden, same[i].address, 16);
        }
}

static void
two_addresses_stay_two(void **unused)
{
        enum { MANY = 1000 };
        static uint8_t hidden[MANY][16];

        (void)unused;
        for (uint32_t i = 0; i < MANY; i++) {
                uint8_t a[16] = { 10, 0, (uint8_t)(i >> 8), (uint8_t)i };
                disguise(LA_IPV4, a, hidden[i]);
                assert_memory_not_equal(hidden[i], a, 4);
                assert_true(hidden[i][0] != 0 && hidden[i][0] != 127 && hidden[i][0] < 224);
                for (uint32_t j = 0; j < i; j++)
                        assert_memory_not_equal(hidden[i], hidden[j], 4);
        }
}

static void
mapped_addresses_follow_ipv4(void **unused)
{
        uint8_t plain[16] = { 192, 0, 2, 1 }, mapped[16] = { [10] = 0xff, 0xff, 192, 0, 2, 1 }, a[16], b[16];

        (void)unused;
        disguise(LA_IPV4, plain, a);
        disguise(LA_IPV6, mapped, b);
        assert_memory_equal(a, b + 12, 4);
        assert_memory_equal(b, mapped, 12);
}

static void
ipv6_hides_in_documentation(void **unused)
{
        uint8_t a[16] = { 0x2a, 1, [15] = 1 }, b[16] = { 0x2a, 1, [15] = 2 }, x[16], y[16], again[16];

        (void)unused;
        disguise(LA_IPV6, a, x);
        disguise(LA_IPV6, b, y);
        disguise(LA_IPV6, a, again);
        assert_memory_equal(x, ((const uint8_t[]){ 0x20, 1, 0x0d, 0xb8 }), 4);
        assert_memory_not_equal(x, y, 16);
        assert_memory_equal(x, again, 16);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(each_field_holds_what_it_can),
                cmocka_unit_test(flags_are_one_or_nothing),
                cmocka_unit_test_teardown(a_recording_comes_back, forget),
                cmocka_unit_test_teardown(nonsense_is_told_with_its_line, forget),
                cmocka_unit_test(what_speaks_stays),
                cmocka_unit_test(two_addresses_stay_two),
                cmocka_unit_test(mapped_addresses_follow_ipv4),
                cmocka_unit_test(ipv6_hides_in_documentation),
        };

        return cmocka_run_group_tests_name("recording", tests, NULL, NULL);
}
