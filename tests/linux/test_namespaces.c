/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looking into another network namespace: one of the test's own, with a listener, a connection in TIME_WAIT, an orphan
 * in FIN_WAIT_2 and a tunable of its own in it.  A child lives there; we stay where we are.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "linux/count.h"
#include "linux/counters.h"
#include "linux/netns.h"
#include "linux/sysctl.h"

enum { PORT = 7, FIN_TIMEOUT = 17, TIME_WAITS = 3, PATIENCE_MS = 5000 };

static pid_t child;
static uint32_t home;
static char pid_text[32];
static const char *impossible; /* why these tests cannot be run here */

/* ---- The child ---- */

static bool
write_text(const char *path, const char *text)
{
        int fd = open(path, O_WRONLY | O_CLOEXEC);
        bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

        if (fd >= 0)
                close(fd);
        return written;
}

static bool
bring_up_loopback(void)
{
        struct ifreq device = { .ifr_name = "lo", .ifr_flags = IFF_UP };
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        bool up = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &device) == 0;

        if (fd >= 0)
                close(fd);
        return up;
}

static const struct sockaddr_in service = { .sin_family = AF_INET };

static bool
connect_pair(int listener, int *ret_client, int *ret_server)
{
        struct sockaddr_in to = service;

        to.sin_port = htons(PORT);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        *ret_client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connect(*ret_client, (const struct sockaddr *)&to, sizeof(to)) < 0)
                return false;
        *ret_server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        return *ret_server >= 0;
}

static bool
populate(void)
{
        struct sockaddr_in address = service;
        int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), client, server;

        address.sin_port = htons(PORT);
        if (bind(listener, (const struct sockaddr *)&address, sizeof(address)) < 0 || listen(listener, 9) < 0)
                return false;
        for (int i = 0; i < TIME_WAITS; i++) {
                if (!connect_pair(listener, &client, &server))
                        return false;
                close(client);
                close(server);
        }
        if (!connect_pair(listener, &client, &server))
                return false;
        close(client); /* an orphan, as long as the server does not close */
        return true;
}

static void __attribute__((noreturn)) live(int ready)
{
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        prctl(PR_SET_NAME, "\033[2J test");
        bool well = unshare(CLONE_NEWNET) == 0 && bring_up_loopback() &&
                    write_text("/proc/sys/net/ipv4/tcp_fin_timeout", "17") &&
                    write_text("/proc/sys/net/ipv4/ip_local_reserved_ports", "5000-5009") && populate();
        if (write(ready, well ? "y" : "n", 1) != 1)
                _exit(1);
        for (;;)
                pause();
}

/* ---- We ---- */

static int
start_child(void **unused)
{
        int ready[2];
        char answer = 'n';

        (void)unused;
        if (geteuid() != 0) {
                impossible = "needs root, to make a network namespace and to enter it";
                return 0;
        }
        if (netns_inode(0, &home) < 0 || pipe2(ready, O_CLOEXEC) < 0)
                return -1;
        child = fork();
        if (child == 0)
                live(ready[1]);
        close(ready[1]);
        if (read(ready[0], &answer, 1) != 1 || answer != 'y')
                impossible = "no network namespace can be made and used here";
        close(ready[0]);
        snprintf(pid_text, sizeof(pid_text), "%d", child);
        return 0;
}

static int
end_child(void **unused)
{
        (void)unused;
        if (child > 0) {
                kill(child, SIGKILL);
                waitpid(child, NULL, 0);
        }
        return 0;
}

static void
skip_because(const char *reason)
{
        printf("# %s\n", reason);
        fflush(stdout);
        skip();
}

static void
or_skip(void)
{
        if (impossible)
                skip_because(impossible);
}

static struct netns_list
childs_namespace(void)
{
        struct netns_list list;

        or_skip();
        assert_int_equal(netns_list_open(pid_text, &list), 0);
        assert_int_equal(list.count, 1);
        assert_true(list.netns[0].fd > 0);
        assert_int_not_equal(list.netns[0].inode, home);
        return list;
}

static void
expect_home(void)
{
        uint32_t here;

        assert_int_equal(netns_inode(0, &here), 0);
        assert_int_equal(here, home);
}

/* What is there settles within moments: FINs are answered in a softirq of their own. */
static void
count_when_settled(struct dump_request *request, uint64_t counts[LA_STATE_COUNT], struct dump_report *report)
{
        for (int waited_ms = 0; waited_ms < PATIENCE_MS; waited_ms += 20) {
                assert_int_equal(count_states(request, counts, report), 0);
                if (counts[LA_TIME_WAIT] == TIME_WAITS && counts[LA_FIN_WAIT_2] == 1)
                        return;
                usleep(20 * 1000);
        }
}

static void
expect_population(bool proc_only)
{
        struct netns_list list = childs_namespace();
        struct dump_request request = { .states = DUMP_ALL_STATES,
                                        .netns_fd = list.netns[0].fd,
                                        .proc_only = proc_only };
        static const uint64_t expected[LA_STATE_COUNT] = {
                [LA_LISTEN] = 1, [LA_CLOSE_WAIT] = 1, [LA_FIN_WAIT_2] = 1, [LA_TIME_WAIT] = TIME_WAITS
        };
        uint64_t counts[LA_STATE_COUNT];
        struct dump_report report;

        count_when_settled(&request, counts, &report);
        assert_memory_equal(counts, expected, sizeof(counts));
        assert_int_equal(report.source, proc_only ? DUMP_FROM_PROC : DUMP_FROM_NETLINK);
        netns_list_close(&list);
        expect_home();
}

static void
counts_by_netlink(void **unused)
{
        (void)unused;
        expect_population(false);
}

static void
counts_from_proc(void **unused)
{
        (void)unused;
        expect_population(true);
}

static void
sockets_know_their_namespace(void **unused)
{
        struct netns_list list = childs_namespace();
        struct dump_request request = { .states = 1u << LA_LISTEN, .netns_fd = list.netns[0].fd };
        struct la_snapshot s = { 0 };
        struct dump *dump;

        (void)unused;
        assert_int_equal(dump_open(&request, &dump), 0);
        assert_int_equal(dump_next(dump, &s), DUMP_SOCKET);
        assert_int_equal(s.local.port, PORT);
        assert_int_equal(s.send_queue, 9);
        assert_true(s.known & LA_KNOWN_NETNS);
        assert_int_equal(s.netns, list.netns[0].inode);
        assert_int_equal(dump_next(dump, &s), DUMP_END);
        dump_close(dump);
        netns_list_close(&list);
        expect_home();
}

/* The orphan has the shape of a TIME_WAIT record, and is counted by the kernel as one. */
static void
kernels_count_of_records(void **unused)
{
        struct netns_list list = childs_namespace();
        struct sockstat there;

        (void)unused;
        assert_int_equal(sockstat_read(list.netns[0].fd, &there), 0);
        assert_int_equal(there.time_wait, TIME_WAITS + 1);
        netns_list_close(&list);
}

static void
counters_and_tunables_of_the_namespace(void **unused)
{
        struct netns_list list = childs_namespace();
        static struct counters c;
        struct sysctl_ports ports;
        int64_t timeout;
        uint64_t opened;

        (void)unused;
        assert_int_equal(counters_read(list.netns[0].fd, &c), 0);
        assert_true(counters_get(&c, "ActiveOpens", &opened));
        assert_int_equal(opened, TIME_WAITS + 1);
        assert_int_equal(sysctl_read_numbers(list.netns[0].fd, la_knob_info(LA_K_tcp_fin_timeout), &timeout, 1), 1);
        assert_int_equal(timeout, FIN_TIMEOUT);
        assert_int_equal(sysctl_read_ports(list.netns[0].fd, la_knob_info(LA_K_ip_local_reserved_ports), &ports), 0);
        assert_int_equal(sysctl_ports_within(&ports, 0, 65535), 10);
        assert_int_equal(sysctl_read_numbers(list.netns[0].fd, la_knob_info(LA_K_tcp_max_orphans), &timeout, 1),
                         -ENOENT); /* one for the host, and absent in other namespaces */
        netns_list_close(&list);
        expect_home();
}

static void
among_all(void **unused)
{
        struct netns_list one = childs_namespace(), all;
        char name[64];
        bool found = false;

        (void)unused;
        snprintf(name, sizeof(name), "%s:?[2J test", pid_text);
        assert_int_equal(netns_list_open("all", &all), 0);
        assert_int_equal(all.netns[0].fd, 0);
        assert_int_equal(all.netns[0].inode, home);
        for (size_t i = 1; i < all.count; i++)
                if (all.netns[i].inode == one.netns[0].inode) {
                        assert_false(found);
                        found = true;
                        assert_true(all.netns[i].fd > 0);
                        assert_string_equal(all.netns[i].name, name);
                }
        assert_true(found);
        netns_list_close(&all);
        netns_list_close(&one);
        expect_home();
}

/* ---- Without the privilege to go there ---- */

enum { KEPT_PRIVILEGE = 1, WRONG_LIST, NOT_COUNTED, NAMED_ENTERED };

static bool
give_up_privileges(void)
{
        struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

        if (syscall(SYS_capget, &header, data) < 0)
                return false;
        data[0].effective &= ~(1u << CAP_SYS_ADMIN);
        return syscall(SYS_capset, &header, data) == 0;
}

static int
look_without_privileges(void)
{
        struct netns_list list;

        if (!give_up_privileges())
                return KEPT_PRIVILEGE;
        if (netns_list_open(pid_text, &list) != -EPERM)
                return NAMED_ENTERED;
        if (netns_list_open("all", &list) < 0 || list.count != 1 || list.netns[0].inode != home)
                return WRONG_LIST;
        return list.refused >= 1 ? 0 : NOT_COUNTED;
}

static int
result_of(int (*look)(void))
{
        int status;
        pid_t other = fork();

        if (other == 0)
                _exit(look());
        assert_int_equal(waitpid(other, &status, 0), other);
        assert_true(WIFEXITED(status));
        return WEXITSTATUS(status);
}

static void
not_permitted_to_enter(void **unused)
{
        (void)unused;
        or_skip();
        assert_int_equal(result_of(look_without_privileges), 0);
}

/* ---- Names that `ip netns` keeps, in a mount namespace of our own ---- */

enum { ALL_WELL, NO_MOUNT, WRONG_NAME, WRONG_ALL, STALE_TAKEN };

static int
keep(const char *name, const char *namespace)
{
        char path[64];
        int fd;

        snprintf(path, sizeof(path), "/run/netns/%s", name);
        fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        if (fd < 0)
                return -1;
        close(fd);
        return namespace ? mount(namespace, path, NULL, MS_BIND, NULL) : 0;
}

static int
look_at_names(void)
{
        char namespace[64];
        struct netns_list list;
        uint32_t inode;

        snprintf(namespace, sizeof(namespace), "/proc/%s/ns/net", pid_text);
        if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
            mount("none", "/run", "tmpfs", 0, NULL) < 0 || mkdir("/run/netns", 0755) < 0 ||
            keep("blue", namespace) < 0 || keep("stale", NULL) < 0 || keep("1", namespace) < 0)
                return NO_MOUNT;
        if (netns_list_open("blue", &list) < 0 || list.count != 1 || strcmp(list.netns[0].name, "blue") != 0)
                return WRONG_NAME;
        inode = list.netns[0].inode;
        netns_list_close(&list);
        if (netns_list_open("1", &list) < 0 || list.netns[0].inode != inode) /* a name comes before a process id */
                return WRONG_NAME;
        netns_list_close(&list);
        if (netns_list_open("stale", &list) != -EINVAL)
                return STALE_TAKEN;
        if (netns_list_open("all", &list) < 0)
                return WRONG_ALL;
        for (size_t i = 0; i < list.count; i++)
                if (strcmp(list.netns[i].name, "stale") == 0)
                        return STALE_TAKEN;
                else if (list.netns[i].inode == inode && strcmp(list.netns[i].name, "blue") != 0 &&
                         strcmp(list.netns[i].name, "1") != 0)
                        return WRONG_ALL;
        netns_list_close(&list);
        return ALL_WELL;
}

static void
names_that_ip_netns_keeps(void **unused)
{
        int result;

        (void)unused;
        or_skip();
        result = result_of(look_at_names);
        if (result == NO_MOUNT) {
                skip_because("nothing may be mounted here");
        }
        assert_int_equal(result, ALL_WELL);
}

/* ---- Threads ---- */

struct visitor {
        int fd;
        uint64_t counts[LA_STATE_COUNT];
        uint32_t before, during, after;
        int failed;
};

/* Another thread goes there, to stay for a while: what it reads from /proc must be of where it is. */
static void *
visit(void *argument)
{
        struct visitor *v = argument;
        struct dump_request request = { .states = 1u << LA_LISTEN, .proc_only = true };
        struct netns_visit stay;

        v->failed = netns_inode(0, &v->before) < 0 || netns_enter(v->fd, &stay) < 0;
        if (v->failed)
                return NULL;
        v->failed = netns_inode(0, &v->during) < 0 || count_states(&request, v->counts, NULL) < 0 ||
                    netns_leave(&stay) < 0 || netns_inode(0, &v->after) < 0;
        return NULL;
}

static void
other_threads_stay_where_they_are(void **unused)
{
        struct netns_list list = childs_namespace();
        struct visitor v = { .fd = list.netns[0].fd };
        pthread_t thread;

        (void)unused;
        assert_int_equal(pthread_create(&thread, NULL, visit, &v), 0);
        assert_int_equal(pthread_join(thread, NULL), 0);
        assert_false(v.failed);
        assert_int_equal(v.before, home);
        assert_int_equal(v.during, list.netns[0].inode);
        assert_int_equal(v.after, home);
        assert_int_equal(v.counts[LA_LISTEN], 1);
        netns_list_close(&list);
        expect_home();
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(counts_by_netlink),
                cmocka_unit_test(counts_from_proc),
                cmocka_unit_test(sockets_know_their_namespace),
                cmocka_unit_test(kernels_count_of_records),
                cmocka_unit_test(counters_and_tunables_of_the_namespace),
                cmocka_unit_test(among_all),
                cmocka_unit_test(not_permitted_to_enter),
                cmocka_unit_test(names_that_ip_netns_keeps),
                cmocka_unit_test(other_threads_stay_where_they_are),
        };

        return cmocka_run_group_tests(tests, start_child, end_child);
}
