/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * client.h - a running stack, as whoever looks at it sees it.
 *
 *         struct control_client *client;
 *         struct control_trouble trouble;
 *         if ((r = control_connect("la0", &client, &trouble)) < 0)
 *                 return say_why(r, &trouble);
 *         control_walk(client, ~0u, CONTROL_PART_TCP);
 *         while ((r = control_walk_next(client, &snapshot)) > 0)
 *                 use(&snapshot);
 *         control_close(client);
 *
 * Calls wait for their answer, up to ten seconds.  They return 0 or more, or a negative errno:
 *
 *         -ENOENT        nothing of this name runs
 *         -EINVAL        the name cannot be one
 *         -EACCES        the stack, or its directory, is another user's
 *         -EUSERS        it talks to as many as it can already
 *         -EPROTO        it is of another version: trouble.version; or of another build
 *         -ETIMEDOUT     it does not answer
 *         -ECONNRESET    it has ended
 *         -EBADMSG       what it said makes no sense
 *         -EOPNOTSUPP    it keeps no trace
 *         -EINTR         a signal came while waiting for an event
 *
 * One question at a time: whoever asks the next gives up what the one before has not told yet.
 *
 * A stack of several queues is a stack in each (la_control_queue()), and is asked as one: counts are sums, walks go through
 * all, events come in the order of time.  Where a sum says less than its parts, these can be had: control_queue().  A name
 * with a queue's number behind it, "la0.2", is that queue's alone; "la0.0" is the first one's.  An answer is of all queues
 * or there is none: trouble.queue says which it was that failed.
 */
#ifndef LASTACK_CONTROL_CLIENT_H
#define LASTACK_CONTROL_CLIENT_H

#include <signal.h>

#include "control/protocol.h"

struct control_client;

#define CONTROL_QUEUE_NAME_SIZE 128 /* a path may be it */

struct control_trouble {
        char version[32];                    /* of lastack at the other end, where that is what is wrong; else "" */
        char queue[CONTROL_QUEUE_NAME_SIZE]; /* of several, the one that a call failed for; else "" */
};

/* Connects to the stack of a name, or of a socket's path if there is a '/' in it, with all its queues.  `ret_trouble` may
 * be NULL, and is written to for as long as the client lives. */
int control_connect(const char *name, struct control_client **ret_client, struct control_trouble *ret_trouble);
void control_close(struct control_client *client);

/* Who it is, as it said when we connected.  Of several queues the first's, with what all of them were made for. */
const struct control_hello *control_hello_of(const struct control_client *client);

/* How many stacks are asked here: 1, but for one of several queues. */
unsigned int control_queues(const struct control_client *client);

/* One of these, from 0: what it is called, who it is, and what it said at the last control_status(). */
struct control_queue {
        const char *name; /* which control_connect() takes */
        const struct control_hello *hello;
        const struct control_status *status;
};
struct control_queue control_queue(const struct control_client *client, unsigned int queue);

/* Which of them the last snapshot, or the last event, came from. */
unsigned int control_from(const struct control_client *client);

/* The names of the stacks that run, in order, to be freed with control_names_free(). */
struct control_names {
        char (*name)[LA_CONTROL_NAME_MAX + 1];
        size_t count;
};
int control_names(struct control_names *ret_names);
void control_names_free(struct control_names *names);

/* Where they were looked for: the directories, ", " between them. */
void control_places(char *text, size_t room);

/* Counts per state, counters, rows and verdicts, and how full it is. */
int control_status(struct control_client *client, struct control_status *ret_status);

/* Everything it holds of these states (bits 1 << enum la_state), listeners first, with these parts beside the ordinary
 * ones (enum control_part).  Then control_walk_next(): 1 with a snapshot, 0 at the end. */
int control_walk(struct control_client *client, uint32_t states, uint32_t parts);
int control_walk_next(struct control_client *client, struct la_snapshot *ret_snapshot);

/* What has exactly this tuple: 1 and the snapshot, 0 if nothing has. */
int control_find(struct control_client *client, enum la_family family, const struct la_endpoint *local,
                 const struct la_endpoint *remote, struct la_snapshot *ret_snapshot);

/* A tunable of the stack. */
struct control_knob_view {
        char name[CONTROL_TEXT_SIZE]; /* in full */
        char standard[CONTROL_TEXT_SIZE];
        char sentence[256]; /* what it takes, in English as the engine says it */
        int64_t least, most;
        const char *value; /* until the next call with this client */
        bool agreed;       /* it is the same in all queues; else `value` is the first's */
};

/* What the last tunable that was told is set to in one of the queues; until the next call with this client. */
const char *control_knob_value(const struct control_client *client, unsigned int queue);

/* All of them: then control_knobs_next(), 1 with a tunable, 0 at the end. */
int control_knobs(struct control_client *client);
int control_knobs_next(struct control_client *client, struct control_knob_view *ret_knob);

/* One, by any of its names; -ENODEV if the stack has none of that name. */
int control_knob(struct control_client *client, const char *name, struct control_knob_view *ret_knob);

/* Sets one, and tells what it is then.  -ENODEV as before; -ERANGE if the value is none for it, -EPERM if it is dangerous
 * and that was not asked for: control_said() has the sentence.
 *
 * It is set in all queues or in none: where one fails, those before it get back what they had.  In those that cannot be
 * told so any more it stays, and control_knob_stays() is true. */
int control_knob_set(struct control_client *client, const char *name, const char *value, bool dangerous,
                     struct control_knob_view *ret_knob);

bool control_knob_stays(const struct control_client *client, unsigned int queue);

/* The last refusal's sentence, in English; "" if there was none. */
const char *control_said(const struct control_client *client);

/* Events from now on (enum control_what).  Then control_events_next(): 1 with an event and how many have been lost until
 * now; it waits, for as long as it takes, with `signals` unblocked (NULL: as they are), and for `watch_fd` (-1: none) to
 * be closed at its other end: -EPIPE.
 *
 * Of several queues the earliest comes first.  So an event waits until each of the others has told a later one, but no
 * longer than CONTROL_PATIENCE_MS: what a queue is slower to tell comes late. */
#define CONTROL_PATIENCE_MS 100
int control_events(struct control_client *client, uint32_t what);
int control_events_next(struct control_client *client, const sigset_t *signals, int watch_fd,
                        struct la_trace *ret_event, uint64_t *ret_lost);

/* Will control_events_next() answer without waiting? */
bool control_events_at_hand(const struct control_client *client);

#endif
