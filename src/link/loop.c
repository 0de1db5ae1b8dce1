/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * loop.c - a stack, its link, and whatever else its program watches, in turns.
 *
 * A round is: packets in, timers, events, packets out.  Each does all that is there before the next begins, so that what
 * a round says is said in as few packets as can be: an answer takes the acknowledgment along.
 *
 * Whether the link is asked before the kernel is asked what is ready, and how long before sleeping, guess.h says.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "link/guess.h"
#include "link/link.h"
#include "link/reception.h"

#define SENT_AT_ONCE         8
#define BYTES_AT_ONCE        (256 * 1024)
#define WATCHES_AT_ONCE      64
#define ROUNDS_BETWEEN_LOOKS 16 /* that only packets may take, before other descriptors have their turn */
#define PATIENCE_MS          10 /* with a device whose queue is full, before a packet is dropped */
#define AT_ONCE_US           2  /* what was waited for no longer was there already */

struct la_loop {
        struct la_stack *stack;
        struct la_link *link;
        tcp_time now;
        uint32_t busy_poll_us;
        int epoll_fd;
        bool coarse;     /* the kernel waits for milliseconds only */
        bool link_ready; /* it has packets, or that is the guess */
        struct guess guess;
        unsigned int unlooked; /* rounds since other descriptors were looked at */
        unsigned int watched;
        struct epoll_event ready[WATCHES_AT_ONCE];
        int ready_count;
        struct la_observer *observers;
        struct reception reception;
        uint64_t link_full;
        struct la_packet whole; /* put together of fragments */
        struct la_packet packets[LINK_PACKETS_AT_ONCE];
};

/* ---- Making one --------------------------------------------------------------------------------------------------- */

int
la_loop_new(struct la_stack *stack, struct la_link *link, struct la_loop **ret_loop)
{
        struct la_loop *l = calloc(1, sizeof(*l));
        struct epoll_event link_event = { .events = EPOLLIN, .data.ptr = NULL };
        int status;

        if (!l)
                return -ENOMEM;
        l->stack = stack;
        l->link = link;
        l->now = la_clock();
        l->link_ready = true;
        l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        status = reception_open(&l->reception, la_link_facts(link).mtu);
        if (status < 0) {
                la_loop_free(l);
                return status;
        }
        if (l->epoll_fd < 0 || epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, la_link_fd(link), &link_event) < 0) {
                status = -errno;
                la_loop_free(l);
                return status;
        }
        *ret_loop = l;
        return 0;
}

void
la_loop_free(struct la_loop *l)
{
        if (!l)
                return;
        if (l->epoll_fd >= 0)
                close(l->epoll_fd);
        reception_close(&l->reception);
        free(l);
}

struct la_stack *
la_loop_stack(const struct la_loop *l)
{
        return l->stack;
}

struct la_link *
la_loop_link(const struct la_loop *l)
{
        return l->link;
}

tcp_time
la_loop_now(const struct la_loop *l)
{
        return l->now;
}

struct la_loop_counts
la_loop_counts(const struct la_loop *l)
{
        struct la_loop_counts counts = reception_counts(&l->reception);

        counts.link_full = l->link_full;
        return counts;
}

void
la_loop_busy_poll(struct la_loop *l, uint32_t us)
{
        l->busy_poll_us = us < 1000 ? us : 1000;
}

/* A link-local address that comes along with it answers, too. */
int
la_loop_address(struct la_loop *l, enum la_family family, const uint8_t *address, unsigned int prefix)
{
        uint8_t local[16];
        bool had_one = la_link_local_address(l->link, local);
        int status = reception_address(&l->reception, family, address, prefix);

        if (status == 0)
                status = la_link_address(l->link, family, address, prefix);
        if (status == 0 && !had_one && la_link_local_address(l->link, local))
                status = reception_address(&l->reception, LA_IPV6, local, 64);
        return status;
}

/* ---- Other descriptors ------------------------------------------------------------------------------------------------ */

/* What this round's answer still says of a watch that ended must not reach it. */
static void
forget_ready(struct la_loop *l, const struct la_watch *watch)
{
        for (int i = 0; i < l->ready_count; i++)
                if (l->ready[i].data.ptr == watch)
                        l->ready[i].data.ptr = NULL;
}

int
la_loop_watch(struct la_loop *l, struct la_watch *watch, uint32_t events)
{
        struct epoll_event event = { .events = events, .data.ptr = watch };
        int operation = !events ? EPOLL_CTL_DEL : watch->events ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

        if (events == watch->events)
                return 0;
        if (!events)
                forget_ready(l, watch);
        if (epoll_ctl(l->epoll_fd, operation, watch->fd, &event) < 0)
                return -errno;
        l->watched += operation == EPOLL_CTL_ADD;
        l->watched -= operation == EPOLL_CTL_DEL;
        watch->events = events;
        return 0;
}

static void
serve_watches(struct la_loop *l)
{
        for (int i = 0; i < l->ready_count; i++) {
                struct la_watch *watch = l->ready[i].data.ptr;

                if (watch)
                        watch->ready(watch, l, l->ready[i].events);
        }
        l->ready_count = 0;
}

/* ---- Waiting ---------------------------------------------------------------------------------------------------------- */

/* epoll_pwait2(2) is as fine as the stack's clock; kernels before 5.11 know milliseconds only, and must not wake early. */
static int
wait_us(struct la_loop *l, uint64_t us)
{
        struct timespec t = { .tv_sec = (time_t)(us / 1000000), .tv_nsec = (long)(us % 1000000) * 1000 };
        int n = -1;

        if (!l->coarse)
                n = epoll_pwait2(l->epoll_fd, l->ready, WATCHES_AT_ONCE, us == LA_NEVER ? NULL : &t, NULL);
        if (l->coarse || (n < 0 && errno == ENOSYS)) {
                l->coarse = true;
                n = epoll_wait(l->epoll_fd, l->ready, WATCHES_AT_ONCE,
                               us >= INT32_MAX ? (us == LA_NEVER ? -1 : INT32_MAX / 1000) : (int)((us + 999) / 1000));
        }
        return n < 0 ? -errno : n;
}

/* Looks again and again for a moment: see guess.h. */
static int
spin(struct la_loop *l, tcp_time until)
{
        tcp_time end = l->now + guess_spin_us(&l->guess, l->busy_poll_us);
        int n = 0;

        if (until < end)
                end = until;
        while (n == 0 && l->now < end) {
                n = wait_us(l, 0);
                l->now = la_clock();
        }
        return n;
}

/* Sees what is ready, at latest at `until`. */
static int
look(struct la_loop *l, tcp_time until)
{
        tcp_time begin = l->now;
        int n = l->busy_poll_us > 0 ? spin(l, until) : 0;

        if (n == 0)
                n = wait_us(l, until == LA_NEVER ? LA_NEVER : until > l->now ? until - l->now : 0);
        l->unlooked = 0;
        l->ready_count = n > 0 ? n : 0;
        l->now = la_clock();
        for (int i = 0; i < l->ready_count; i++)
                if (!l->ready[i].data.ptr) {
                        l->link_ready = true;
                        guess_came_after(&l->guess, l->now - begin);
                        guess_asked(&l->guess, l->now - begin <= AT_ONCE_US);
                }
        return n < 0 ? n : 0;
}

/* ---- A round ---------------------------------------------------------------------------------------------------------- */

static void
tell_trace(struct la_loop *l)
{
        struct la_trace trace;

        while (l->observers && la_next_trace(l->stack, &trace))
                for (struct la_observer *o = l->observers; o; o = o->next)
                        if (o->trace)
                                o->trace(o, &trace);
}

static void
tell_packet(struct la_loop *l, const struct la_packet *p, bool out)
{
        for (struct la_observer *o = l->observers; o; o = o->next)
                if (o->packet)
                        o->packet(o, l->now, p, out);
}

static void
send_packets(struct la_loop *l, struct la_packet *packets, size_t n)
{
        size_t sent = 0;
        int r;

        for (size_t i = 0; i < n && l->observers; i++)
                tell_packet(l, &packets[i], true);
        while ((r = la_link_send(l->link, packets + sent, n - sent)) >= 0 && (sent += (size_t)r) < n) {
                struct pollfd full = { .fd = la_link_fd(l->link), .events = POLLOUT };

                l->link_full++;
                if (poll(&full, 1, PATIENCE_MS) <= 0)
                        break; /* lost, as on any link */
        }
}

static void
send_answers(struct la_loop *l)
{
        struct la_packet answers[8];
        size_t n;

        while ((n = reception_answers(&l->reception, answers, sizeof(answers) / sizeof(answers[0]))) > 0)
                send_packets(l, answers, n);
}

/* The link's packets stay where they are until it is asked for the next ones, and before that is output(). */
static void
give_to_stack(struct la_loop *l, const struct la_packet *packets, size_t n)
{
        if (n > 0)
                la_input_lent(l->stack, l->now, packets, n);
        tell_trace(l);
}

static void
give_whole_to_stack(struct la_loop *l)
{
        la_input(l->stack, l->now, &l->whole, 1);
        tell_trace(l);
}

/* What the host deals with by itself is done here; the stack gets the others, together, or one at a time where somebody
 * looks: so each is followed by what it caused. */
static void
input(struct la_loop *l, struct la_packet *packets, size_t n)
{
        size_t begin = 0;

        for (size_t i = 0; i < n; i++) {
                enum reception_fate fate = reception_judge(&l->reception, l->now, &packets[i], &l->whole);

                if (l->observers)
                        tell_packet(l, &packets[i], false);
                if (fate == RECEPTION_STACK && !l->observers)
                        continue;
                give_to_stack(l, packets + begin, i - begin + (fate == RECEPTION_STACK));
                if (fate == RECEPTION_WHOLE)
                        give_whole_to_stack(l);
                begin = i + 1;
                send_answers(l);
        }
        give_to_stack(l, packets + begin, n - begin);
}

static void
tell_events(struct la_loop *l)
{
        struct la_event_report event;

        while (la_next_event(l->stack, &event)) {
                struct la_handler *handler = (struct la_handler *)(uintptr_t)event.user;

                if (handler)
                        handler->happened(handler, l, &event);
        }
}

/* What is sent is acknowledged soon, and its memory can be used again while it is still in a near cache: so acknowledgments
 * are looked for before very much has been sent. */
static void
output(struct la_loop *l)
{
        size_t n, bytes = 0, text = 0;

        do {
                n = la_output(l->stack, l->now, l->packets, SENT_AT_ONCE);
                if (n > 0)
                        send_packets(l, l->packets, n);
                for (size_t i = 0; i < n; i++) {
                        bytes += packet_bytes(&l->packets[i]);
                        text += packet_bytes(&l->packets[i]) - l->packets[i].header_bytes;
                }
        } while (n == SENT_AT_ONCE && bytes < BYTES_AT_ONCE);
        if (text > 0)
                guess_answered(&l->guess);
}

static int
receive(struct la_loop *l, bool told_ready)
{
        int n = la_link_receive(l->link, l->packets, LINK_PACKETS_AT_ONCE);

        if (!told_ready)
                guess_asked(&l->guess, n > 0);
        l->link_ready = n > 0 && guess_ask_again(&l->guess);
        if (n > 0) {
                size_t bytes = 0;

                for (int i = 0; i < n; i++)
                        bytes += packet_bytes(&l->packets[i]);
                guess_brought(&l->guess, bytes);
                l->now = la_clock();
                input(l, l->packets, (size_t)n);
        }
        return n < 0 ? n : 0;
}

/* When there is something to do, packets and descriptors apart. */
static tcp_time
next_deadline(const struct la_loop *l, tcp_time until)
{
        const tcp_time deadlines[] = { la_deadline(l->stack), la_link_deadline(l->link),
                                       reception_deadline(&l->reception) };

        for (size_t i = 0; i < sizeof(deadlines) / sizeof(deadlines[0]); i++)
                if (deadlines[i] < until)
                        until = deadlines[i];
        return until;
}

static void
serve_timers(struct la_loop *l)
{
        la_link_advance(l->link, l->now);
        while (reception_advance(&l->reception, l->now))
                send_answers(l);
        if (la_deadline(l->stack) <= l->now)
                la_advance(l->stack, l->now);
}

int
la_loop_step(struct la_loop *l, tcp_time until)
{
        bool guessing = l->link_ready && (l->watched == 0 || l->unlooked < ROUNDS_BETWEEN_LOOKS);
        int status = 0;

        if (guessing)
                l->unlooked++;
        else
                status = look(l, l->link_ready ? 0 : next_deadline(l, until));
        if (status < 0)
                return status;
        serve_watches(l);
        if (l->link_ready)
                status = receive(l, !guessing);
        serve_timers(l);
        tell_events(l);
        tell_trace(l);
        output(l);
        return status;
}

/* ---- Observers -------------------------------------------------------------------------------------------------------- */

void
la_loop_observe(struct la_loop *l, struct la_observer *observer)
{
        struct la_observer **end = &l->observers;
        struct la_trace old;

        while (!l->observers && la_next_trace(l->stack, &old))
                ; /* nobody saw the packets */
        while (*end)
                end = &(*end)->next;
        observer->next = NULL;
        *end = observer;
}

void
la_loop_unobserve(struct la_loop *l, struct la_observer *observer)
{
        for (struct la_observer **at = &l->observers; *at; at = &(*at)->next)
                if (*at == observer) {
                        *at = observer->next;
                        return;
                }
}
