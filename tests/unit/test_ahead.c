/* SPDX-License-Identifier: BSD-2-Clause */
/* Sockets that are read ahead while owners are looked for: all of them, in order, and no more than a bounded number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/ahead.h"

static void
what_is_kept_comes_back_in_order(void **unused)
{
        struct ahead a;
        struct la_snapshot s = { 0 };

        (void)unused;
        ahead_init(&a, true);
        assert_false(ahead_take(&a, &s));
        for (uint32_t i = 0; i < 1000; i++) {
                s = (struct la_snapshot){ .inode = i, .tcp.cwnd = i };
                assert_true(ahead_has_room(&a));
                ahead_put(&a, &s);
        }
        for (uint32_t i = 0; i < 1000; i++) {
                assert_true(ahead_take(&a, &s));
                assert_int_equal(s.inode, i);
                assert_int_equal(s.tcp.cwnd, i);
        }
        assert_false(ahead_take(&a, &s));
        ahead_fini(&a);
}

static void
without_details_there_is_room_for_more_but_not_without_end(void **unused)
{
        size_t kept[2] = { 0, 0 };

        (void)unused;
        for (int details = 0; details < 2; details++) {
                struct la_snapshot s = { .inode = 1 };
                struct ahead a;
                ahead_init(&a, details);
                while (kept[details] < 1000000 && ahead_has_room(&a)) {
                        ahead_put(&a, &s);
                        kept[details]++;
                }
                ahead_fini(&a);
        }
        assert_true(kept[1] > 1000);
        assert_true(kept[0] > kept[1]);
        assert_true(kept[0] < 1000000);
}

static void
forgetting_makes_room(void **unused)
{
        struct la_snapshot s = { .inode = 1 };
        struct ahead a;

        (void)unused;
        ahead_init(&a, false);
        assert_true(ahead_has_room(&a));
        ahead_put(&a, &s);
        ahead_clear(&a);
        assert_false(ahead_take(&a, &s));
        ahead_fini(&a);
}

static void
the_search_finds_what_is_held(void **unused)
{
        int ends[2];
        struct search search = { .running = false };
        struct owners *owners = NULL;

        (void)unused;
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
        search_begin(&search);
        assert_int_equal(search_end(&search, &owners), 0);
        assert_false(search_goes_on(&search));
        struct stat held;
        uint32_t count = 0;
        assert_int_equal(fstat(ends[0], &held), 0);
        const struct la_owner *owner = owners_of(owners, (uint32_t)held.st_ino, &count);
        assert_int_equal(count, 1);
        assert_int_equal(owner->pid, getpid());
        assert_int_equal(owner->fd, ends[0]);
        owners_free(owners);
        close(ends[0]);
        close(ends[1]);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_kept_comes_back_in_order),
                cmocka_unit_test(without_details_there_is_room_for_more_but_not_without_end),
                cmocka_unit_test(forgetting_makes_room),
                cmocka_unit_test(the_search_finds_what_is_held),
        };

        return cmocka_run_group_tests_name("ahead", tests, NULL, NULL);
}
