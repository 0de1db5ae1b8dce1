/* SPDX-License-Identifier: BSD-2-Clause */
/* Clients that talk nonsense, read slowly or not at all, or are too many; and where the socket lies. */
#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control/ring.h"

/* ---- Nonsense ---- */

static void
nonsense_is_refused(void **state)
{
        (void)state;
        struct control_header good = control_header_of(CONTROL_STATUS, 1, sizeof good), bad;
        struct control_find find = { control_header_of(CONTROL_FIND, 1, sizeof find), .family = 5 };
        uint8_t longest[CONTROL_MESSAGE_MAX + 100] = { 0 };
        int fd = plug();

        for (size_t n = 1; n < sizeof good; n++)
                expect_refused(fd, &good, n, CONTROL_MALFORMED);
        bad = good, bad.magic++;
        expect_refused(fd, &bad, sizeof bad, CONTROL_MALFORMED);
        bad = good, bad.bytes++;
        expect_refused(fd, &bad, sizeof bad, CONTROL_MALFORMED);
        bad = good, bad.kind = 0;
        expect_refused(fd, &bad, sizeof bad, CONTROL_MALFORMED);
        bad = good, bad.kind = CONTROL_REFUSED;
        expect_refused(fd, &bad, sizeof bad, CONTROL_MALFORMED);
        bad = good, bad.kind = CONTROL_WALK; /* and nothing behind it */
        expect_refused(fd, &bad, sizeof bad, CONTROL_MALFORMED);
        bad = good, bad.stack = 1;
        expect_refused(fd, &bad, sizeof bad, CONTROL_NO_STACK);
        expect_refused(fd, &find, sizeof find, CONTROL_MALFORMED);
        good.bytes = sizeof longest;
        memcpy(longest, &good, sizeof good);
        expect_refused(fd, longest, sizeof longest, CONTROL_MALFORMED);
        close(fd);
}

static void
a_name_without_an_end_is_refused(void **state)
{
        (void)state;
        struct {
                struct control_knob_request r;
                char value[4];
        } ask = { { control_header_of(CONTROL_KNOBS, 1, sizeof ask.r), .dangerous = 0 }, "30" };
        int fd = plug();

        memset(ask.r.name, 'a', sizeof ask.r.name);
        expect_refused(fd, &ask, sizeof ask.r, CONTROL_MALFORMED);
        ask.r.header = control_header_of(CONTROL_KNOB_SET, 1, sizeof ask);
        expect_refused(fd, &ask, sizeof ask, CONTROL_MALFORMED);
        strcpy(ask.r.name, "tcp_fin_timeout");
        memcpy(ask.value, "3000", 4); /* a value without an end */
        expect_refused(fd, &ask, sizeof ask, CONTROL_MALFORMED);
        ask.r.header = control_header_of(CONTROL_KNOB_SET, 1, sizeof ask.r); /* and none */
        expect_refused(fd, &ask, sizeof ask.r, CONTROL_MALFORMED);
        close(fd);
}

/* One of another version is told whom it met, and nothing else. */
static void
another_version_hears_who_it_met(void **state)
{
        (void)state;
        struct control_header h = control_header_of(CONTROL_HELLO, 1, sizeof h);
        struct control_hello hello;
        int fd = plug();

        h.version = CONTROL_VERSION + 1;
        say(fd, &h, sizeof h);
        assert_int_equal(hear(fd, &hello, sizeof hello), sizeof hello);
        assert_int_equal(hello.header.version, CONTROL_VERSION);
        assert_string_equal(hello.version, LASTACK_VERSION);
        h.kind = CONTROL_STATUS;
        expect_refused(fd, &h, sizeof h, CONTROL_OTHER_VERSION);
        close(fd);
}

/* A stack of another version, as this program's client sees it: a socket that answers a HELLO with what it is given. */
static void
meet(const struct control_hello *theirs, size_t bytes, int expected)
{
        struct control_trouble trouble;
        struct control_client *client;
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0), status;

        snprintf(address.sun_path, sizeof address.sun_path, "%s/other.sock", w.directory);
        assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
        assert_int_equal(listen(fd, 1), 0);
        pid_t child = fork();
        if (child == 0) {
                struct control_header asked;
                int one = accept(fd, NULL, NULL);
                _exit(recv(one, &asked, sizeof asked, 0) != sizeof asked ||
                      send(one, theirs, bytes, MSG_NOSIGNAL) != (ssize_t)bytes);
        }
        assert_int_equal(control_connect("other", &client, &trouble), expected);
        if (expected == -EPROTO)
                assert_string_equal(trouble.version, theirs->version);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        close(fd);
        unlink(address.sun_path);
}

static void
a_stack_of_another_version_is_named(void **state)
{
        (void)state;
        struct control_hello theirs = { .header = control_header_of(CONTROL_HELLO, 1, sizeof theirs),
                                        .version = "9.8.7",
                                        .layout = control_layout() + 1 };

        meet(&theirs, sizeof theirs, -EPROTO);
        theirs.layout = control_layout();
        theirs.header.version++;
        meet(&theirs, sizeof theirs, -EPROTO);
        theirs.header = control_header_of(CONTROL_HELLO, 1, offsetof(struct control_hello, layout) + 1);
        meet(&theirs, theirs.header.bytes, -EPROTO);
        theirs.header.bytes = sizeof theirs.header; /* cut off before the version */
        meet(&theirs, theirs.header.bytes, -EBADMSG);
        theirs.header.magic++;
        meet(&theirs, theirs.header.bytes, -EBADMSG);
}

/* ---- Slow ones ---- */

static struct control_status
status_over(int fd)
{
        struct control_header h = control_header_of(CONTROL_STATUS, 1, sizeof h);
        struct control_status s;

        say(fd, &h, sizeof h);
        assert_int_equal(hear(fd, &s, sizeof s), sizeof s);
        return s;
}

/* Whoever does not read his events loses what does not fit, is told how many, and holds up nobody. */
static void
a_reader_that_stopped_loses_events(void **state)
{
        (void)state;
        struct control_subscription s = { control_header_of(CONTROL_EVENTS, 1, sizeof s), CONTROL_VERDICTS };
        const unsigned int happened = 4 * RING_ENTRIES;
        static uint8_t message[CONTROL_MESSAGE_MAX];
        struct control_events head;
        uint64_t told = 0;
        int slow = plug(), quick = plug();

        e.now = la_clock();
        established();
        steps(2);
        say(slow, &s, sizeof s);
        for (unsigned int i = 0; i < happened; i++) {
                e.now = la_clock();
                seg("R 70000:70000"); /* refused, and not answered */
                if (i % 1000 == 0)
                        steps(1);
        }
        assert_int_equal(status_over(quick).verdicts[LA_V_NOT_ACCEPTABLE_RST], happened);
        do {
                hear(slow, message, sizeof message);
                memcpy(&head, message, sizeof head);
                told += head.header.count;
                assert_true(told <= happened);
        } while (told + head.lost < happened);
        assert_true(told >= RING_ENTRIES);
        assert_true(head.lost > 0);
        assert_int_equal(told + head.lost, happened);
        close(slow);
        close(quick);
}

/* A walk that nobody reads stops where the socket is full, and goes on when somebody does. */
static void
a_walk_waits_for_its_reader(void **state)
{
        (void)state;
        struct control_walk walk = { control_header_of(CONTROL_WALK, 1, sizeof walk), ~0u, ~0u };
        struct la_config config = usual_config();
        static uint8_t message[CONTROL_MESSAGE_MAX];
        const unsigned int connections = 2000;
        struct control_header h;
        unsigned int told = 0;

        la_control_close(w.control);
        la_loop_free(w.loop);
        la_link_close(w.link);
        config.half_open = connections;
        config.trace = 0;
        remake(&config);
        w.loop = loop_of_nowhere(&w.link);
        assert_int_equal(la_control_open(w.loop, "here", NULL, &w.control), 0);
        knob("tcp_max_syn_backlog", "4096");
        knob("somaxconn", "4096");
        knob("tcp_syncookies", "0");
        e.listener = (struct la_handle){ 0 };
        struct la_endpoint port = { .port = LOCAL_PORT };
        assert_int_equal(la_listen(e.stack, e.now, LA_IPV4, &port, 4096, 0, &e.listener), LA_OK);
        for (unsigned int i = 0; i < connections; i++) {
                e.peer_port++;
                seg("S 0:0 win 65535 mss 1460");
                forget_sent();
        }
        int slow = plug(), quick = plug(), room = 4096;
        setsockopt(slow, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
        say(slow, &walk, sizeof walk);
        steps(100);
        assert_int_equal(status_over(quick).states[LA_SYN_RECEIVED], connections);
        do {
                hear(slow, message, sizeof message);
                memcpy(&h, message, sizeof h);
                told += h.count;
        } while (!(h.flags & CONTROL_LAST));
        assert_int_equal(told, connections + 1);
        close(slow);
        close(quick);
}

static void
one_that_goes_in_the_middle_is_forgotten(void **state)
{
        (void)state;
        struct control_subscription s = { control_header_of(CONTROL_EVENTS, 1, sizeof s), CONTROL_TRANSITIONS };
        struct control_walk walk = { control_header_of(CONTROL_WALK, 1, sizeof walk), ~0u, 0 };

        for (unsigned int i = 0; i < 100; i++) {
                int fd = plug();
                if (i % 2)
                        say(fd, &s, sizeof s);
                else
                        assert_int_equal(send(fd, &walk, sizeof walk, 0), sizeof walk);
                close(fd);
                steps(2);
        }
        established(); /* nobody is told */
        steps(2);
}

static void
too_many_are_turned_away(void **state)
{
        (void)state;
        struct control_subscription s = { control_header_of(CONTROL_EVENTS, 1, sizeof s), CONTROL_TRANSITIONS };
        struct control_refusal r;
        int fd[32], more;

        for (size_t i = 0; i < 32; i++) {
                fd[i] = plug();
                say(fd[i], &s, sizeof s);
                steps(2);
        }
        more = plug();
        assert_int_equal(hear(more, &r, sizeof r), sizeof r);
        assert_int_equal(r.reason, CONTROL_TOO_MANY);
        expect_end(more);
        close(fd[0]);
        steps(2);
        more = plug();
        assert_int_equal(status_over(more).states[LA_LISTEN], 0);
        close(more);
        for (size_t i = 1; i < 32; i++)
                close(fd[i]);
}

/* Who asks nothing is not waited for when others come: the first of them goes. */
static void
silent_ones_make_room(void **state)
{
        (void)state;
        int fd[40];

        for (size_t i = 0; i < 40; i++) {
                fd[i] = plug();
                steps(2);
        }
        for (size_t i = 0; i < 8; i++)
                expect_end(fd[i]);
        assert_int_equal(status_over(fd[39]).states[LA_LISTEN], 0);
        assert_int_equal(status_over(fd[8]).states[LA_LISTEN], 0);
        for (size_t i = 8; i < 40; i++)
                close(fd[i]);
}

/* ---- The socket ---- */

static unsigned int
mode_of(const char *path)
{
        struct stat s;

        assert_int_equal(lstat(path, &s), 0);
        return s.st_mode & 07777;
}

static void
modes_keep_others_out(void **state)
{
        (void)state;
        struct la_link *link;
        struct la_loop *loop = loop_of_nowhere(&link);
        struct la_control *second;
        mode_t before = umask(0);

        assert_int_equal(mode_of(w.directory), 0700);
        assert_int_equal(mode_of(la_control_path(w.control)), 0600);
        assert_int_equal(chmod(w.directory, 0777), 0); /* somebody was careless */
        assert_int_equal(la_control_open(loop, NULL, NULL, &second), 0);
        assert_non_null(strstr(la_control_path(second), "/nowhere0.sock"));
        assert_int_equal(mode_of(la_control_path(second)), 0600);
        assert_int_equal(mode_of(w.directory), 0700);
        la_control_close(second);
        umask(before);
        la_loop_free(loop);
        la_link_close(link);
}

static void
names_that_are_none(void **state)
{
        (void)state;
        static const char *const names[] = {
                "", ".", "..", ".a", "a/b", "/", "a b", "\n", "a\xff", "01234567890123456789012345678901",
        };
        struct la_control *none;
        struct control_client *client;

        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
                assert_int_equal(la_control_open(w.loop, names[i], NULL, &none), -EINVAL);
                if (!strchr(names[i], '/'))
                        assert_int_equal(control_connect(names[i], &client, NULL), -EINVAL);
        }
}

static void
a_name_in_use_is_refused(void **state)
{
        (void)state;
        struct la_control *second;

        assert_int_equal(la_control_open(w.loop, "here", NULL, &second), -EADDRINUSE);
        close(plug()); /* the first one still answers */
}

/* A program that was killed leaves its socket behind. */
static void
a_dead_ones_socket_is_replaced(void **state)
{
        (void)state;
        struct la_control *third;
        char path[108];
        int status;
        pid_t child = fork();

        if (child == 0)
                _exit(la_control_open(w.loop, "dead", NULL, &third) < 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        snprintf(path, sizeof path, "%s/dead.sock", w.directory);
        assert_int_equal(mode_of(path), 0600);
        assert_int_equal(control_connect("dead", &w.client, NULL), -ENOENT);
        assert_int_equal(la_control_open(w.loop, "dead", NULL, &third), 0);
        la_control_close(third);
        assert_int_equal(access(path, F_OK), -1);
}

/* What is no socket is nobody's to take away. */
static void
a_file_in_its_place_is_left_alone(void **state)
{
        (void)state;
        struct la_control *second;
        char path[108];

        snprintf(path, sizeof path, "%s/file.sock", w.directory);
        close(open(path, O_CREAT | O_WRONLY, 0600));
        assert_int_equal(la_control_open(w.loop, "file", NULL, &second), -EADDRINUSE);
        assert_int_equal(unlink(path), 0);
}

/* Somebody else's socket of the same name, made after ours was taken away, stays. */
static void
only_its_own_socket_is_taken_away(void **state)
{
        (void)state;
        struct la_link *link;
        struct la_loop *loop = loop_of_nowhere(&link);
        struct la_control *second;

        assert_int_equal(unlink(la_control_path(w.control)), 0);
        assert_int_equal(la_control_open(loop, "here", NULL, &second), 0);
        la_control_close(w.control);
        w.control = second;
        assert_int_equal(access(la_control_path(second), F_OK), 0);
        la_control_close(second);
        w.control = NULL;
        la_loop_free(loop);
        la_link_close(link);
}

static void
a_directory_that_is_not_ours_is_refused(void **state)
{
        (void)state;
        struct la_control *second;
        char link[96];

        snprintf(link, sizeof link, "%s/link", w.directory);
        assert_int_equal(symlink("/tmp", link), 0);
        setenv("LASTACK_DIR", link, 1);
        assert_int_equal(la_control_open(w.loop, "two", NULL, &second), -ENOTDIR);
        setenv("LASTACK_DIR", w.directory, 1);
        assert_int_equal(unlink(link), 0);
        if (geteuid() == 0) {
                assert_int_equal(chown(w.directory, 1, 1), 0);
                assert_int_equal(la_control_open(w.loop, "two", NULL, &second), -EPERM);
                assert_int_equal(chown(w.directory, 0, 0), 0);
        }
        setenv("LASTACK_DIR", "relative", 1);
        assert_int_equal(la_control_open(w.loop, "two", NULL, &second), -EACCES);
        setenv("LASTACK_DIR", w.directory, 1);
}

/* Even where file modes let him through. */
static void
another_user_is_not_answered(void **state)
{
        (void)state;
        struct control_client *client;
        int status;
        pid_t child;

        if (geteuid() != 0) {
                print_message("only root can be another user\n");
                skip();
        }
        assert_int_equal(chmod(w.directory, 0755), 0);
        assert_int_equal(chmod(la_control_path(w.control), 0666), 0);
        child = fork();
        if (child == 0)
                _exit(setuid(65534) < 0 ? 100 : -control_connect("here", &client, NULL));
        for (unsigned int i = 0; waitpid(child, &status, WNOHANG) == 0 && i < 5000; i++)
                steps(1);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), EACCES);
}

static void
the_names_that_run_are_listed(void **state)
{
        (void)state;
        struct control_names names;
        char path[108];

        snprintf(path, sizeof path, "%s/zero.sock", w.directory);
        close(open(path, O_CREAT | O_WRONLY, 0600));
        begin_steps();
        assert_int_equal(control_names(&names), 0);
        assert_int_equal(names.count, 1);
        assert_string_equal(names.name[0], "here");
        control_names_free(&names);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(control_connect("zero", &w.client, NULL), -ENOENT);
        assert_int_equal(control_connect(la_control_path(w.control), &w.client, NULL), 0);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                control_test(nonsense_is_refused),
                control_test(a_name_without_an_end_is_refused),
                control_test(another_version_hears_who_it_met),
                control_test(a_stack_of_another_version_is_named),
                control_test(a_reader_that_stopped_loses_events),
                control_test(a_walk_waits_for_its_reader),
                control_test(one_that_goes_in_the_middle_is_forgotten),
                control_test(too_many_are_turned_away),
                control_test(silent_ones_make_room),
                control_test(modes_keep_others_out),
                control_test(names_that_are_none),
                control_test(a_name_in_use_is_refused),
                control_test(a_dead_ones_socket_is_replaced),
                control_test(a_file_in_its_place_is_left_alone),
                control_test(only_its_own_socket_is_taken_away),
                control_test(a_directory_that_is_not_ours_is_refused),
                control_test(another_user_is_not_answered),
                control_test(the_names_that_run_are_listed),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
