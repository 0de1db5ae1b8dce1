/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * recording.h - all that the doctor looks at, in a file, so that it can be judged elsewhere and later.
 *
 * The file is lines of JSON, an object each, told apart by their first member.  lastack-record(1) describes them:
 *
 *         {"lastack_recording":1, ...}           the first line; the number is the format's version
 *         {"knob":"net.ipv4.tcp_tw_reuse","value":"2"}       and "outer_knob", of the host
 *         {"look":1,"at_ms":0}                   begins a look
 *         {"fact":"nf_conntrack_max","value":262144}
 *         {"counter":"ListenDrops","value":3}
 *         {"socket":"TIME_WAIT","local":"10.0.0.5:40000","remote":"10.0.0.9:443", ...}
 *         {"restart":true}                       the sockets of this look are told anew
 *         {"end":2,"sockets":12345, ...}         the last line: how many looks, and sockets in the last of them
 *
 * A socket's other members are those fields of struct la_snapshot that are not zero, by their names in recording_fields.c.
 * Members and names that a reader does not know are passed over; a change that this does not do for is a new version.
 */
#ifndef LASTACK_CLI_RECORDING_H
#define LASTACK_CLI_RECORDING_H

#include <stddef.h>
#include <stdio.h>

#include "lastack/model.h"
#include "lastack/snapshot.h"

#define RECORDING_VERSION 1

/* No line of a recording is longer. */
#define RECORDING_LINE_SIZE 65536

/* ---- Writing: each returns 0 or a negative errno ------------------------------------------------------------------ */

struct recording {
        FILE *file;
        unsigned int looks;
        uint64_t sockets; /* of the last look */
        bool anonymous;   /* addresses are replaced by others, the same one always by the same */
        uint64_t key[2];  /* by which */
};

struct recording_head {
        const char *kernel;  /* release */
        uint32_t idle_ms;    /* after which a connection counts as idle */
        const char *created; /* when, RFC 3339 */
};

struct recording_end {
        const char *source; /* "sock_diag": where the sockets were had from, which is known when all are */
        uint32_t missing;   /* bits of enum la_known */
        uint32_t owners_hidden;
        bool inconsistent;
};

int recording_head(struct recording *r, const struct recording_head *head);
int recording_knob(struct recording *r, const char *name, const char *text, bool outer);
int recording_look(struct recording *r, uint64_t at_ms);
int recording_amount(struct recording *r, const char *kind, const char *name, int64_t value);
int recording_socket(struct recording *r, const struct la_snapshot *s);
int recording_restart(struct recording *r);
int recording_end(struct recording *r, const struct recording_end *end);

/* ---- Reading ------------------------------------------------------------------------------------------------------- */

struct witness;

struct recording_read {
        char kernel[80], source[32], created[40];
        unsigned long line; /* that was read last */
        char problem[160];  /* what is wrong with it, in the user's language, where reading failed */
};

/* Hands all that a recording has to the witness, with idle_ms in its evidence.  Returns 0; -EBADMSG, and *ret says what is
 * wrong; or another negative errno. */
int recording_read(FILE *file, struct witness *w, struct recording_read *ret);

/* ---- Fields of a socket -------------------------------------------------------------------------------------------- */

struct recording_field {
        const char *name;
        size_t offset, size; /* in struct la_snapshot: 1, 2, 4 or 8 bytes, unsigned */
};

extern const struct recording_field recording_fields[];
extern const size_t recording_field_count;

uint64_t recording_get(const struct la_snapshot *s, const struct recording_field *field);

/* False for a value that the field cannot hold. */
bool recording_set(struct la_snapshot *s, const struct recording_field *field, uint64_t value);

/* Another address of the same kind (loopback, wildcard, mapped, IPv4, IPv6), the same for the same key. */
void recording_disguise(const uint64_t key[2], enum la_family family, uint8_t address[16]);

#endif
