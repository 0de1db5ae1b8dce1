/* SPDX-License-Identifier: BSD-2-Clause */
/* Who holds a socket, while others open and close, come and go. */
#include "owners_words.h"

#define SOCKETS 50

static void
open_and_close_sockets(void)
{
        int fds[SOCKETS];
        for (int i = 0; i < SOCKETS; i++)
                fds[i] = socket(AF_INET, SOCK_STREAM, 0);
        for (int i = 0; i < SOCKETS; i++)
                close(fds[i]);
}

static void
open_and_close_for_ever(int to, int argument)
{
        say(to, argument);
        for (;;)
                open_and_close_sockets();
}

static void
descriptors_may_close_meanwhile(void **state)
{
        int fd = tcp_socket();
        struct child child = child_start(open_and_close_for_ever, 0);
        child_says(&child);
        time_t begin = time(NULL);
        for (int i = 0; once_more(i, begin); i++) {
                struct owners *owners = collect(state);
                assert_int_equal(count_of(owners, inode_of(fd)), 2);
                owners_free(owners);
        }
        child_stop(&child);
        close(fd);
}

/* Forks and buries children as fast as it can; each opens and closes sockets before it exits. */
static void
come_and_go(int to, int times)
{
        say(to, 0);
        for (;;) {
                pid_t pid = fork();
                if (pid == 0) {
                        for (int i = 0; i < times; i++)
                                open_and_close_sockets();
                        _exit(0);
                }
                if (pid > 0)
                        waitpid(pid, NULL, 0);
        }
}

static void
processes_may_exit_meanwhile(void **state)
{
        int fd = tcp_socket();
        struct child children[2];
        for (int i = 0; i < 2; i++) {
                children[i] = child_start(come_and_go, 3 * i);
                child_says(&children[i]);
        }
        time_t begin = time(NULL);
        for (int i = 0; once_more(i, begin); i++) {
                struct owners *owners = collect(state);
                uint32_t count, ours = 0;
                const struct la_owner *owner = owners_of(owners, inode_of(fd), &count);
                for (uint32_t k = 0; k < count; k++)
                        ours += owner[k].pid == getpid() && owner[k].fd == fd;
                assert_int_equal(ours, 1);
                owners_free(owners);
        }
        for (int i = 0; i < 2; i++)
                child_stop(&children[i]);
        close(fd);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                BOTH(descriptors_may_close_meanwhile),
                BOTH(processes_may_exit_meanwhile),
        };

        return cmocka_run_group_tests(tests, call_ourselves_owner, NULL);
}
