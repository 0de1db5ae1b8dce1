/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lab.h - a world for stacks (lastack/tcp.h): hosts, the paths between them, a clock of its own, a seed.
 *
 * Nothing in it is left to chance or to the machine it runs on: time passes only when it is told to, and whatever looks
 * random comes from the seed.  The same calls with the same seed give the same packets at the same times, to the byte;
 * la_lab_digest() is the proof.
 *
 *         struct la_lab *lab = la_lab_new(seed);
 *         client = la_lab_add_host(lab, &(struct la_lab_host){ .name = "client", .address4 = { 10, 0, 0, 1 } });
 *         server = la_lab_add_host(lab, &(struct la_lab_host){ .name = "server", .address4 = { 10, 0, 0, 2 } });
 *         la_lab_set_link(lab, client, server, &link);                // and back: another, or the same
 *         la_lab_add_rule(lab, &rule);                                // "the second FIN of the server is lost"
 *         stack = la_lab_stack(lab, client);
 *         la_lab_begin_call(lab, client, "connect 80", &tuple);       // for the log only
 *         la_open(stack, la_lab_stack_time(lab), ...);
 *         la_lab_end_call(lab, client, error);
 *         la_lab_run(lab, 50000);                                     // 50 ms pass
 *         ... la_lab_event(lab, i), la_lab_packet(lab, id)
 *         la_lab_free(lab);
 *
 * Calls on a stack are its owner's, at the world's time; packets and timers are the world's.  What the calls of one
 * moment have to say leaves when time next passes, so that one segment can say what several calls meant (text and FIN).
 *
 * The same can be written as a script, see la_lab_play().
 *
 * Everything that happens is kept in a log, each with what caused it.  The log grows until the world is freed.
 *
 * Memory comes from malloc.  When there is none, calls answer -ENOMEM, and so does every la_lab_run() after it: what the
 * log says until then is true, but it is not all.
 */
#ifndef LASTACK_LAB_H
#define LASTACK_LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lastack/tcp.h"

struct la_lab;

#define LA_LAB_HOSTS_MAX 16
#define LA_LAB_NAME_SIZE 16
#define LA_LAB_NOBODY    (-1)
#define LA_LAB_NO_CAUSE  SIZE_MAX

/* NULL if there is no memory. */
struct la_lab *la_lab_new(uint64_t seed);
void la_lab_free(struct la_lab *lab); /* NULL is let pass */

/* Microseconds since the world began. */
tcp_time la_lab_now(const struct la_lab *lab);

/* ---- Hosts ------------------------------------------------------------------------------------------------------ */

/* Zeros for an address family it does not have.  `config` may be NULL: 64 connections and as many records, which is what
 * scenarios need; its addresses, seed and trace are the lab's to fill. */
struct la_lab_host {
        const char *name; /* at most LA_LAB_NAME_SIZE - 1 letters; copied */
        uint8_t address4[4];
        uint8_t address6[16];
        const struct la_config *config;
};

/* The host's number, from 0; -EINVAL for a name or configuration that cannot be, -ENOSPC beyond LA_LAB_HOSTS_MAX,
 * -EEXIST for a name or an address that another host has. */
int la_lab_add_host(struct la_lab *lab, const struct la_lab_host *host);

int la_lab_host_count(const struct la_lab *lab);
int la_lab_host_named(const struct la_lab *lab, const char *name); /* LA_LAB_NOBODY if there is none */
const char *la_lab_host_name(const struct la_lab *lab, int host);
void la_lab_host_address(const struct la_lab *lab, int host, enum la_family family, uint8_t ret_address[16]);

/* Its stack, and the time that calls on it take. */
struct la_stack *la_lab_stack(struct la_lab *lab, int host);
tcp_time la_lab_stack_time(const struct la_lab *lab);

/* The host loses its memory and begins anew: every connection, listener, record and tunable.  Its peers are not told. */
int la_lab_reboot(struct la_lab *lab, int host);

/* A translator of addresses (IPv4 only) between some hosts and all others, who see them all at its address.  Ports are
 * kept where they are free.  It never forgets a port it gave out, and drops what comes in for others; ICMP does not get
 * through it.  Returns 0; -EINVAL, -ENOSPC or -EEXIST as la_lab_add_host(). */
int la_lab_add_nat(struct la_lab *lab, const uint8_t address4[4], const int *inside, size_t count);

/* ---- Paths ------------------------------------------------------------------------------------------------------ */

/* What happens to packets on their way from one host to another, in this order.  Chances are in millionths.  All zeros
 * is a path without fault or delay. */
struct la_lab_link {
        uint32_t mtu;       /* larger packets are answered with ICMP "too big"; 0: no limit */
        uint32_t loss;      /* the chance that a packet is lost */
        uint32_t corrupt;   /* that a bit of it is changed */
        uint32_t duplicate; /* that it arrives twice */
        uint32_t reorder;   /* that it is held back for reorder_us, and those behind it overtake it */
        uint32_t reorder_us;
        uint64_t rate;        /* bytes a second that leave the queue; 0: no limit */
        uint32_t queue_bytes; /* what may wait for that; 0: no limit */
        uint32_t mark_bytes;  /* if more waits: marked (RFC 3168), or lost if it takes no marks; 0: neither */
        uint32_t delay_us;    /* until the other end */
        uint32_t jitter_us;   /* up to so much more, without one overtaking the other */
};

/* For one direction.  Paths that were not set take la_lab_set_links()'s; the world begins with 10 ms and nothing else. */
int la_lab_set_link(struct la_lab *lab, int from, int to, const struct la_lab_link *link);
void la_lab_set_links(struct la_lab *lab, const struct la_lab_link *link);

/* ---- Rules about single packets ----------------------------------------------------------------------------------- */

enum la_lab_match {
        LA_LAB_ANY,
        LA_LAB_SYN, /* SYN without ACK */
        LA_LAB_SYN_ACK,
        LA_LAB_ACK,  /* nothing but an acknowledgment: no text, no SYN, FIN or RST */
        LA_LAB_TEXT, /* some text */
        LA_LAB_FIN,  /* FIN, with text or without */
        LA_LAB_RST,
};

enum la_lab_action {
        LA_LAB_DROP,        /* lost */
        LA_LAB_DELAY,       /* so much later */
        LA_LAB_DUPLICATE,   /* and once more, so much later */
        LA_LAB_CORRUPT,     /* a bit is changed */
        LA_LAB_UNREACHABLE, /* lost, and a router says so: ICMP port unreachable */
        LA_LAB_MARK,        /* marked (RFC 3168: congestion experienced); lost if it takes no marks */
};

/* Holds from now on for packets that `from` sends (LA_LAB_NOBODY: that anybody sends) and that match: for the nth,
 * counted from 1, or for it and all after it.  The first rule that takes a packet is the only one that does. */
struct la_lab_rule {
        enum la_lab_action action;
        int from;
        enum la_lab_match match;
        uint32_t nth;
        bool onwards;
        uint32_t us; /* of LA_LAB_DELAY and LA_LAB_DUPLICATE */
};

int la_lab_add_rule(struct la_lab *lab, const struct la_lab_rule *rule); /* 0, -EINVAL or -ENOMEM */
void la_lab_clear_rules(struct la_lab *lab);

/* ---- Time --------------------------------------------------------------------------------------------------------- */

/* So many microseconds pass.  0; -ENOMEM; -ELOOP if a stack keeps wanting to be called at one moment without end, which
 * is a fault of the stack. */
int la_lab_run(struct la_lab *lab, uint64_t us);

/* Until what happens next has happened, but no longer than until `latest`.  1 if something did. */
int la_lab_step(struct la_lab *lab, tcp_time latest);

/* ---- The log ------------------------------------------------------------------------------------------------------ */

enum la_lab_fate {
        LA_LAB_UNDER_WAY,
        LA_LAB_DELIVERED,
        LA_LAB_LOST, /* by chance */
        LA_LAB_LOST_BY_RULE,
        LA_LAB_LOST_IN_QUEUE, /* the queue was full */
        LA_LAB_TOO_BIG,
        LA_LAB_NOWHERE,    /* nobody has that address */
        LA_LAB_NOT_MAPPED, /* the NAT knows no one inside who has that port */
        LA_LAB_REFUSED,    /* a router said that it cannot be delivered */
};

/* A packet on its way, or one that was; a duplicate is a packet of its own. */
struct la_lab_packet {
        size_t id;
        tcp_time sent, ended; /* `ended`: delivered or lost */
        int from, to;         /* LA_LAB_NOBODY as `from`: a router; as `to`: an address nobody has */
        enum la_lab_fate fate;
        bool duplicate; /* by the path */
        bool corrupted;
        bool marked; /* by a router: congestion experienced */
        bool again;  /* carries what its sender sent before */
        bool probe;  /* carries nothing, from before what its sender sends next: it wants an answer (3.8.4, 3.8.6.1) */
        const uint8_t *bytes; /* as they were sent; the world's */
        size_t length;
        const uint8_t *arrived; /* as they arrive: after translation and damage; `length` bytes */
};

enum la_lab_event_kind {
        LA_LAB_EVENT_CALL,       /* host, text, error, and endpoints if they are known */
        LA_LAB_EVENT_SENT,       /* packet, host */
        LA_LAB_EVENT_DELIVERED,  /* packet, host */
        LA_LAB_EVENT_DROPPED,    /* packet */
        LA_LAB_EVENT_TRANSITION, /* host, transition, endpoints, cause */
        LA_LAB_EVENT_VERDICT,    /* host, verdict other than GO_ON, endpoints where known, cause */
        LA_LAB_EVENT_REBOOT,     /* host */
        LA_LAB_EVENT_NOTE,       /* text: something a script has to say */
};

struct la_lab_event {
        tcp_time at;
        enum la_lab_event_kind kind;
        int host;
        size_t packet;    /* the id */
        size_t cause;     /* the event that made this happen: a call or a delivery; LA_LAB_NO_CAUSE for a timer */
        const char *text; /* the world's */
        enum la_error error;
        enum la_transition transition;
        enum la_verdict verdict;
        enum la_family family;
        struct la_endpoint local, remote; /* seen from the host */
};

size_t la_lab_event_count(const struct la_lab *lab);
const struct la_lab_event *la_lab_event(const struct la_lab *lab, size_t number); /* until time passes again */
size_t la_lab_packet_count(const struct la_lab *lab);
const struct la_lab_packet *la_lab_packet(const struct la_lab *lab, size_t id); /* as long as the world */

/* What the application of a host does, for the log: what happens between the two was caused by the call. */
void la_lab_begin_call(struct la_lab *lab, int host, const char *text, const struct la_snapshot *about);
void la_lab_end_call(struct la_lab *lab, int host, enum la_error error);
void la_lab_note(struct la_lab *lab, const char *text);

/* A hash over every packet delivered so far, with its time and its place. */
uint64_t la_lab_digest(const struct la_lab *lab);

/* ---- Scripts ------------------------------------------------------------------------------------------------------ */

/*
 * One thing a line; blanks do not count, '#' begins a comment.  TIME is a number with "us", "ms", "s", "m" or "h".
 *
 * Before time passes or calls are made:
 *         host NAME ADDRESS                  IPv4 or IPv6; without any: client 10.0.0.1 and server 10.0.0.2
 *         nat ADDRESS NAME...                these hosts are behind it
 *         path [FROM TO] [delay TIME] [jitter TIME] [loss N%] [corrupt N%] [duplicate N%] [reorder N% TIME] [mtu N]
 *              [rate BYTES] [queue BYTES] [mark BYTES]      without hosts: all paths
 *
 * Any time:
 *         knob NAME TUNABLE VALUE...         la_knob_set(); "danger" instead of "knob": la_knob_set_dangerous()
 *         drop NAME WHICH [N | N- | all]     rules; WHICH: SYN SYN,ACK ACK text FIN RST any; N: 1 if not said
 *         delay NAME WHICH [N...] TIME       NAME may be "*"
 *         duplicate NAME WHICH [N...] TIME
 *         corrupt NAME WHICH [N...]
 *         mark NAME WHICH [N...]
 *         unreachable NAME WHICH [N...]
 *         mend                               no rule holds any more
 *         wait TIME
 *         until NAME STATE [TIME]            until its connection is in this state; a minute is the longest, if not said
 *         enough NAME STATE                  the script ends here if its connection is in this state
 *         expect NAME STATE                  the script fails if its connection is in another
 *         expect NAME COUNTER N              or if a counter (ListenOverflows) says otherwise
 *         note TEXT
 *         reboot NAME
 *
 * Calls of NAME's application, on its current connection:
 *         NAME listen [PORT] [backlog N]     80
 *         NAME connect [TO] [from PORT|any] [port PORT]     from 40000 to port 80 of the other host; a host that listens
 *                                            or is second ("server") connects from 80 to 40000
 *         NAME reopen                        turns its listener into a connection to the other host
 *         NAME send BYTES [last] to [TO]     the same, by writing
 *         NAME accept, send BYTES [more | last], receive, shutdown, close, abort, abort-and-wait
 *         NAME option OPTION N               keepalive, keepalive-time, keepalive-interval, keepalive-probes,
 *                                            user-timeout, linger, nodelay, cork, quickack, receive-buffer, send-buffer,
 *                                            fastopen, fastopen-connect, icmp-errors
 *         NAME use PORT | listener           the connection with this port, its own or the other's, is current
 */

struct la_lab_trouble {
        unsigned int line; /* from 1 */
        char text[160];    /* what is wrong, in words */
};

/* Plays a script in a new world.  0 and *ret_lab; -EINVAL with *ret_trouble filled if the script is wrong, -ECANCELED if
 * it did not go as it says, with what happened until then in *ret_lab; -ENOMEM. */
int la_lab_play(const char *script, uint64_t seed, struct la_lab **ret_lab, struct la_lab_trouble *ret_trouble);

/* The same, in a world that has something in it already. */
int la_lab_continue(struct la_lab *lab, const char *script, struct la_lab_trouble *ret_trouble);

/* ---- Scenarios ---------------------------------------------------------------------------------------------------- */

/* A script that is known to lead somewhere.  Texts are marked for translation. */
struct la_lab_scenario {
        const char *name; /* of a story: "lost-last-ack"; of a row: its id; of a state: its name */
        const char *title;
        const char *script;
        int host; /* of a state: whose connection is in it at the end */
};

/* How each row of transition.def comes to fire, and each state is entered.  NULL for a number that is none. */
const struct la_lab_scenario *la_lab_scenario_of_row(enum la_transition row);
const struct la_lab_scenario *la_lab_scenario_of_state(enum la_state state);

/* Stories worth telling: from 0; NULL at the end. */
const struct la_lab_scenario *la_lab_story(size_t number);
const struct la_lab_scenario *la_lab_story_named(const char *name);

/* Did it happen?  Looked up in the log. */
bool la_lab_row_fired(const struct la_lab *lab, enum la_transition row);

/* The state of a connection of this host; of a listener for zeros as `remote`; LISTEN if there is only a listener that
 * would take it; CLOSED if there is nothing.  After `events` events of the log. */
enum la_state la_lab_state_after(const struct la_lab *lab, size_t events, int host, const struct la_endpoint *local,
                                 const struct la_endpoint *remote);

/* ---- How people say it -------------------------------------------------------------------------------------------- */

/* A packet in RFC 9293's words, sequence numbers relative to the initial ones where the world has seen those: "SYN,ACK
 * seq 0 ack 1", "ICMP port unreachable".  Writes at most `room` bytes, NUL included, and returns the text. */
const char *la_lab_describe(const struct la_lab *lab, size_t packet, char *text, size_t room);

/* The ends of a packet as it was sent, or as it arrives where a NAT has been at work; false if it carries no TCP. */
bool la_lab_packet_ends(const struct la_lab *lab, size_t packet, bool arrived, enum la_family *ret_family,
                        struct la_endpoint *ret_source, struct la_endpoint *ret_destination);

#endif
