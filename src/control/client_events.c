/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * client_events.c - the events of all queues, the earliest first.
 *
 * Each queue tells its own in order, and all have one clock.  So the earliest of those that were told is the next one as
 * soon as each queue has told one; and where some are silent, once they have had the time to tell an earlier one.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>

#include "control/queues.h"
#include "lastack/link.h"

static uint64_t
now_ms(void)
{
        return la_clock() / 1000;
}

int
control_events(struct control_client *c, uint32_t what)
{
        int r = 0;

        c->failed_ms = 0;
        for (unsigned int i = 0; i < c->queues && r == 0; i++) {
                c->queue[i].has_event = false;
                c->queue[i].failed = 0;
                c->queue[i].lost = 0;
                r = queue_result(c, i, line_events(c->queue[i].line, what));
        }
        return r;
}

/* Reads the queue's next event, which is there to be read, or why there will be no more. */
static void
take(struct control_client *c, unsigned int i)
{
        struct queue *q = &c->queue[i];
        int r = line_event(q->line, &q->event, &q->lost);

        q->has_event = r > 0;
        q->came_ms = now_ms();
        q->failed = r < 0 ? r : 0;
        if (r < 0 && c->failed_ms == 0)
                c->failed_ms = q->came_ms;
}

static void
take_at_hand(struct control_client *c)
{
        for (unsigned int i = 0; i < c->queues; i++)
                if (!c->queue[i].has_event && !c->queue[i].failed && line_event_is_at_hand(c->queue[i].line))
                        take(c, i);
}

/* NULL if no queue has told one. */
static struct queue *
earliest(struct control_client *c)
{
        struct queue *first = NULL;

        for (unsigned int i = 0; i < c->queues; i++) {
                struct queue *q = &c->queue[i];
                if (q->has_event && (!first || q->event.at < first->event.at))
                        first = q;
        }
        return first;
}

/* The first that failed; NULL: none has. */
static struct queue *
failed(struct control_client *c)
{
        for (unsigned int i = 0; i < c->queues; i++)
                if (c->queue[i].failed)
                        return &c->queue[i];
        return NULL;
}

/* None has more to tell before one of those that were told. */
static bool
have_all(const struct control_client *c)
{
        for (unsigned int i = 0; i < c->queues; i++)
                if (!c->queue[i].has_event && !c->queue[i].failed)
                        return false;
        return true;
}

static uint64_t
patience_left_ms(uint64_t since_ms)
{
        uint64_t until = since_ms + CONTROL_PATIENCE_MS, now = now_ms();

        return until > now ? until - now : 0;
}

/* Waits for those that have told none, until `first` has waited long enough; or where one failed, until the others have
 * had time for what they had to tell by then.  Reads what they tell.  Returns how many did. */
static int
await(struct control_client *c, const struct queue *first, const sigset_t *signals, int watch_fd)
{
        struct pollfd *fds = calloc(c->queues + 1, sizeof(*fds));
        uint64_t left_ms = first ? patience_left_ms(first->came_ms) : patience_left_ms(c->failed_ms);
        struct timespec left = { .tv_nsec = (long)left_ms * 1000000 };
        int told = 0;

        if (!fds)
                return -ENOMEM;
        for (unsigned int i = 0; i < c->queues; i++) {
                bool asked = !c->queue[i].has_event && !c->queue[i].failed;
                fds[i] = (struct pollfd){ .fd = asked ? line_fd(c->queue[i].line) : -1, .events = POLLIN };
        }
        fds[c->queues] = (struct pollfd){ .fd = watch_fd };
        if (ppoll(fds, c->queues + 1, first || c->failed_ms ? &left : NULL, signals) < 0)
                told = -errno;
        for (unsigned int i = 0; i < c->queues && told >= 0; i++)
                if (fds[i].revents != 0) {
                        take(c, i);
                        told++;
                }
        if (told == 0 && (fds[c->queues].revents & (POLLERR | POLLHUP)))
                told = -EPIPE;
        free(fds);
        return told;
}

static int
next(struct control_client *c, const sigset_t *signals, int watch_fd, struct queue **ret_first)
{
        for (;;) {
                take_at_hand(c);
                struct queue *first = *ret_first = earliest(c);
                bool over = failed(c) && patience_left_ms(c->failed_ms) == 0;
                if (first && (over || have_all(c)))
                        return 1;
                if (over || have_all(c))
                        return queue_result(c, (unsigned int)(failed(c) - c->queue), failed(c)->failed);
                bool waited = first && patience_left_ms(first->came_ms) == 0;
                int told = await(c, first, signals, watch_fd);
                if (told < 0 || (told == 0 && waited))
                        return told < 0 ? told : 1;
        }
}

static uint64_t
lost(const struct control_client *c)
{
        uint64_t all = 0;

        for (unsigned int i = 0; i < c->queues; i++)
                all += c->queue[i].lost;
        return all;
}

int
control_events_next(struct control_client *c, const sigset_t *signals, int watch_fd, struct la_trace *ret_event,
                    uint64_t *ret_lost)
{
        struct queue *first;
        int r = next(c, signals, watch_fd, &first);

        if (r < 0)
                return r;
        first->has_event = false;
        c->from = (unsigned int)(first - c->queue);
        *ret_event = first->event;
        *ret_lost = lost(c);
        return 1;
}

bool
control_events_at_hand(const struct control_client *c)
{
        bool all = true;

        for (unsigned int i = 0; i < c->queues; i++) {
                const struct queue *q = &c->queue[i];
                if (q->has_event && patience_left_ms(q->came_ms) == 0)
                        return true;
                all &= q->has_event || line_event_is_at_hand(q->line);
        }
        return all;
}
