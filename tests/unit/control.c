/* SPDX-License-Identifier: BSD-2-Clause */
#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "link/link.h"

struct world w;

/* ---- A link to nowhere ---- */

static int
receive_nothing(struct la_link *link, struct la_packet *packets, size_t n)
{
        (void)link;
        (void)packets;
        (void)n;
        return 0;
}

static int
send_nowhere(struct la_link *link, const struct la_packet *packets, size_t n)
{
        (void)packets;
        link->counts.packets_out += n;
        return (int)n;
}

static void
close_nowhere(struct la_link *link)
{
        close(link->fd);
        free(link);
}

static struct la_link *
nowhere(void)
{
        static const struct link_kind kind = { .receive = receive_nothing,
                                               .send = send_nowhere,
                                               .close = close_nowhere };
        struct la_link *link = calloc(1, sizeof *link);

        assert_non_null(link);
        link->kind = &kind;
        link->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        assert_true(link->fd >= 0);
        strcpy(link->facts.name, "nowhere0");
        link->facts.mtu = 1500;
        return link;
}

struct la_loop *
loop_around(struct la_stack *stack, struct la_link **ret_link)
{
        struct la_loop *loop;

        *ret_link = nowhere();
        assert_int_equal(la_loop_new(stack, *ret_link, &loop), 0);
        return loop;
}

struct la_loop *
loop_of_nowhere(struct la_link **ret_link)
{
        return loop_around(e.stack, ret_link);
}

/* ---- The fixture ---- */

/* Time stands still in the engine's words, and goes on in the loop: both begin now. */
int
setup_control(void **state)
{
        struct la_config config = usual_config();

        memset(&w, 0, sizeof w);
        setup_engine(state);
        e.now = la_clock();
        remake(&config);
        strcpy(w.directory, "/tmp/lastack-test-XXXXXX");
        assert_non_null(mkdtemp(w.directory));
        setenv("LASTACK_DIR", w.directory, 1);
        w.loop = loop_of_nowhere(&w.link);
        assert_int_equal(la_control_open(w.loop, "here", "a test", &w.control), 0);
        return 0;
}

int
teardown_control(void **state)
{
        char path[96];

        end_steps();
        control_close(w.client);
        la_control_close(w.control);
        la_loop_free(w.loop);
        la_link_close(w.link);
        snprintf(path, sizeof path, "%s/here.sock", w.directory);
        unlink(path);
        assert_int_equal(rmdir(w.directory), 0); /* nothing is left */
        return teardown_engine(state);
}

/* ---- Steps ---- */

static pthread_t thread;
static atomic_bool stepping;

/* The engine's words give their handles no handlers. */
static void
forget_events(void)
{
        struct la_event_report event;

        while (la_next_event(e.stack, &event))
                ;
}

void
steps(unsigned int n)
{
        forget_events();
        for (unsigned int i = 0; i < n; i++)
                assert_int_equal(la_loop_step(w.loop, la_clock() + 1000), 0);
}

static void *
step_on(void *unused)
{
        (void)unused;
        while (stepping)
                la_loop_step(w.loop, la_clock() + 1000);
        return NULL;
}

void
begin_steps(void)
{
        forget_events();
        stepping = true;
        assert_int_equal(pthread_create(&thread, NULL, step_on, NULL), 0);
}

void
end_steps(void)
{
        if (!stepping)
                return;
        stepping = false;
        pthread_join(thread, NULL);
}

void
connect_client(void)
{
        begin_steps();
        assert_int_equal(control_connect("here", &w.client, NULL), 0);
}

/* ---- Raw messages ---- */

int
plug(void)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

        assert_true(fd >= 0);
        strcpy(address.sun_path, la_control_path(w.control));
        assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
        steps(2);
        return fd;
}

void
say(int fd, const void *message, size_t length)
{
        assert_int_equal(send(fd, message, length, MSG_NOSIGNAL), (ssize_t)length);
        steps(2);
}

static ssize_t
read_after_steps(int fd, void *ret_message, size_t room)
{
        ssize_t n = -1;

        for (unsigned int i = 0; n < 0 && i < 50; i++) {
                n = recv(fd, ret_message, room, 0);
                if (n < 0 && errno != EAGAIN)
                        return -errno;
                if (n < 0)
                        steps(1);
        }
        return n < 0 ? -EAGAIN : n;
}

size_t
hear(int fd, void *ret_message, size_t room)
{
        ssize_t n = read_after_steps(fd, ret_message, room);

        if (n < (ssize_t)sizeof(struct control_header))
                fail_msg("no message: %zd", n);
        return (size_t)n;
}

void
expect_silence(int fd)
{
        uint8_t byte;

        steps(3);
        assert_int_equal(recv(fd, &byte, 1, 0), -1);
        assert_int_equal(errno, EAGAIN);
}

void
expect_end(int fd)
{
        uint8_t byte;

        assert_int_equal(read_after_steps(fd, &byte, 1), 0);
        close(fd);
}

void
expect_refused_at(int fd, const void *message, size_t length, enum control_reason reason, const char *file, int line)
{
        struct control_refusal r;

        say(fd, message, length);
        if (hear(fd, &r, sizeof r) != sizeof r || r.header.kind != CONTROL_REFUSED || r.reason != (uint32_t)reason) {
                print_error("%s:%d: not refused for %d: kind %u, reason %u\n", file, line, reason, r.header.kind,
                            r.reason);
                fail();
        }
        assert_int_equal(r.header.flags, CONTROL_LAST);
        assert_string_equal(r.version, LASTACK_VERSION);
}
