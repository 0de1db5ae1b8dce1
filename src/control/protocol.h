/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * protocol.h - what a stack and who looks at it say to each other.
 *
 * Over a Unix socket of type SOCK_SEQPACKET, so each message is whole.  A message is a struct control_header and what
 * its kind says.  The client asks, one question at a time; each answer is one message or more, the last of them marked.
 *
 *         HELLO      nothing                      struct control_hello
 *         STATUS     nothing                      struct control_status
 *         WALK       struct control_walk          snapshots, see below
 *         FIND       struct control_find          one snapshot or none
 *         KNOBS      struct control_knob_request  struct control_knob and the value, one tunable a message
 *         KNOB_SET   struct control_knob_request  struct control_knob and the value, as it is now
 *                    and the value
 *         EVENTS     struct control_subscription  struct control_events and traces, without an end
 *         (any)                                   REFUSED: struct control_refusal
 *
 * Numbers and structs are as this machine and this build have them: both ends are on one host, and only a client that was
 * built from the same tables (control_layout()) can make sense of a snapshot's states and rows anyway.  So the layout is
 * compared once, by the client, and never converted.  Header, HELLO and REFUSED stay as they are for all time: so that
 * a client of another version can say whom it met.
 *
 * A stack of several queues is a stack in each, every one a thread with a socket of its own: the first one's is that of the
 * name, the others' are NAME.1, NAME.2, ..., and HELLO says so.  `stack` in the header is 0.
 *
 * A snapshot on the wire is a struct la_snapshot up to its member `tcp`, and goes on to its end if `known` has
 * LA_KNOWN_TCP or LA_KNOWN_MEMORY.
 */
#ifndef LASTACK_CONTROL_PROTOCOL_H
#define LASTACK_CONTROL_PROTOCOL_H

#include "lastack/control.h"

#define CONTROL_MAGIC       UINT32_C(0x6b61744c) /* "Ltak" */
#define CONTROL_VERSION     1
#define CONTROL_MESSAGE_MAX 32768
#define CONTROL_VALUE_MAX   16384 /* of a tunable, its NUL counted: a list of all ports fits */

enum control_kind {
        CONTROL_HELLO = 1,
        CONTROL_STATUS,
        CONTROL_WALK,
        CONTROL_FIND,
        CONTROL_KNOBS,
        CONTROL_KNOB_SET,
        CONTROL_EVENTS,
        CONTROL_REFUSED,
};

enum {
        CONTROL_LAST = 1 << 0, /* nothing more follows to this request */
};

struct control_header {
        uint32_t magic;
        uint16_t version;
        uint16_t kind;   /* enum control_kind; of an answer the question's, or CONTROL_REFUSED */
        uint32_t serial; /* the client's number for a question, the same in each answer to it */
        uint16_t stack;  /* 0 */
        uint16_t flags;
        uint32_t bytes; /* of the whole message */
        uint32_t count; /* of what follows several times */
};

#define CONTROL_TEXT_SIZE 64

struct control_hello {
        struct control_header header;
        char version[32]; /* of lastack; from here on only for the same protocol version */
        uint64_t layout;  /* control_layout() */
        char name[LA_CONTROL_NAME_MAX + 1];
        char application[CONTROL_TEXT_SIZE];
        char comm[LA_NAME_SIZE];
        int32_t pid;
        uint32_t queue, queues;     /* which of how many it is, from 0; of one that is whole 0 of 1 */
        uint64_t began_us, real_us; /* when it began to answer, and now: since 1970 */
        uint64_t now_us;            /* the same in the stack's own time */
        struct la_link_facts link;  /* what it is on */
        struct la_config config;    /* what it was made with; without the seed */
};

struct control_status {
        struct control_header header;
        uint64_t states[LA_STATE_COUNT];
        uint64_t counters[LA_COUNTER_COUNT];
        uint64_t transitions[LA_TRANSITION_COUNT];
        uint64_t verdicts[LA_VERDICT_COUNT];
        struct la_usage usage;
        struct la_loop_counts loop;
        struct la_link_counts link;
};

enum control_part {
        CONTROL_PART_TCP = 1 << 0,
        CONTROL_PART_MEMORY = 1 << 1,
};

struct control_walk {
        struct control_header header;
        uint32_t states; /* bit 1 << enum la_state for each that is wanted */
        uint32_t parts;  /* of snapshots, beside what all have */
};

struct control_find {
        struct control_header header;
        uint32_t family;
        struct la_endpoint local, remote;
};

struct control_knob_request {
        struct control_header header;
        char name[CONTROL_TEXT_SIZE]; /* KNOBS: "" for all */
        uint32_t dangerous;           /* la_knob_set_dangerous() */
};

struct control_knob {
        struct control_header header;
        char name[CONTROL_TEXT_SIZE];
        char standard[CONTROL_TEXT_SIZE];
        char sentence[256]; /* what it takes; English */
        int64_t least, most;
};

enum control_what {
        CONTROL_TRANSITIONS = 1 << 0,
        CONTROL_VERDICTS = 1 << 1, /* those that refuse something: all but LA_V_GO_ON */
};

struct control_subscription {
        struct control_header header;
        uint32_t what;
};

struct control_events {
        struct control_header header;
        uint64_t lost; /* that this client was not told, since it asked */
};

/* Why a question has no answer; stable. */
enum control_reason {
        CONTROL_NO_REASON,
        CONTROL_MALFORMED,     /* the message is none, or is cut off */
        CONTROL_OTHER_VERSION, /* the header's version is not ours */
        CONTROL_NO_STACK,      /* no stack of this number */
        CONTROL_NOT_YOU,       /* another user's */
        CONTROL_TOO_MANY,      /* clients */
        CONTROL_NO_KNOB,       /* la_error, in words in `text` */
        CONTROL_KNOB_VALUE,
        CONTROL_DANGER,
        CONTROL_NO_TRACE, /* the stack keeps none */
        CONTROL_NO_MEMORY,
};

struct control_refusal {
        struct control_header header;
        char version[32];
        uint32_t reason;
        char text[256]; /* English, marked for translation where it comes from */
};

/* A number that differs wherever the two ends would misunderstand each other: sizes and places of what is sent, and the
 * rows of the tables whose numbers are. */
uint64_t control_layout(void);

/* The header of a message of this kind. */
struct control_header control_header_of(enum control_kind kind, uint32_t serial, size_t bytes);

/* Is this a message, as far as its header goes?  That comes out of it either way, as far as it is there. */
enum control_reason control_header_read(const uint8_t *message, size_t length, struct control_header *ret_header);

/* Takes out of a snapshot what was not asked for, and what means nothing elsewhere; returns its bytes on the wire. */
size_t control_snapshot_trim(struct la_snapshot *s, uint32_t parts);

/* The bytes of a snapshot that begins so; 0 if it is cut off. */
size_t control_snapshot_bytes(const uint8_t *bytes, size_t length);

#endif
