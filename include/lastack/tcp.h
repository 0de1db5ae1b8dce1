/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcp.h - a whole TCP (RFC 9293) that does no I/O: bytes in, bytes out, time as an argument.
 *
 * A stack holds any number of connections, listeners, half-open connections and TIME_WAIT records in one block of
 * memory that its owner gives it once.  It never allocates, never asks the time, never draws a random number, never
 * prints and never calls back.  It refers to itself by index only: the block may be copied, saved, restored at another
 * address, and both copies go on living.
 *
 * The loop of a program that has a link to send and receive packets on:
 *
 *         struct la_stack *stack = la_stack_init(block, block_bytes, &config, now());
 *         la_listen(stack, now(), LA_IPV4, &anywhere_port_80, 128, 0, &listener);
 *         for (;;) {
 *                 wait_for_packets_until(la_deadline(stack));
 *                 if (packets arrived)
 *                         la_input(stack, now(), packets, n);
 *                 la_advance(stack, now());
 *                 while (la_next_event(stack, &event))
 *                         act(&event);                       // la_accept, la_receive, la_send, la_close, ...
 *                 while ((n = la_output(stack, now(), packets, MAX)) > 0)
 *                         send_all(packets, n);
 *         }
 *
 * Nothing leaves except through la_output(): a call or a segment records what must be said, and la_output() says it in
 * as few segments as it can (RFC 9293 MUST-58, MUST-59).
 *
 * Threads.  One stack is one thread's.  More cores are more stacks; la_flow_hash() spreads flows over them.
 *
 * Time is counted in microseconds from any beginning that does not move (a monotonic clock).  A time that lies before
 * the latest one the stack has seen is taken to be that latest one.  Timers are served to the millisecond, never early.
 *
 * The words that calls and answers are made of, errors, verdicts, counters, events, stand in terms.h.
 *
 * Wrong comes in three kinds.  A segment that is refused meets a verdict: counted, explained, never an error.  A call
 * that cannot be done answers an enum la_error other than LA_OK, has changed nothing, and has left its ret_ parameters
 * untouched.  A fault of the stack itself ends in la_assert_failed(), in release builds too.
 */
#ifndef LASTACK_TCP_H
#define LASTACK_TCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lastack/terms.h"

struct la_stack;

/* Called when the stack finds itself in a state that cannot be: its memory was overwritten, or it has a fault.  The
 * library's own version stops the program; a program may define its own, which must not return. */
_Noreturn void la_assert_failed(const char *file, int line, const char *condition);

/* ---- Making a stack --------------------------------------------------------------------------------------------- */

/* What the stack can hold, each a hard limit.  Zero means the default in brackets, but for those where it says none. */
struct la_config {
        uint32_t connections;  /* full connections [1024] */
        uint32_t half_open;    /* half-open connections, of all listeners together [1024] */
        uint32_t time_wait4;   /* compact records, TIME_WAIT and orphans in FIN_WAIT_2, IPv4 [4096] */
        uint32_t time_wait6;   /* the same for IPv6 [1024] */
        uint32_t listeners;    /* [16] */
        uint32_t chunk_bytes;  /* buffers are made of chunks of this size: a power of two, 256 to 65536 [4096] */
        uint32_t chunks;       /* as many chunks, shared by all connections [4096] */
        uint32_t reassemblies; /* connections that may hold segments out of order at the same time [256] */
        uint32_t replies;      /* segments without a connection waiting for la_output(): RST, SYN,ACK, ... [1024] */
        uint32_t loans;        /* texts that la_input_lent() may leave where they are; at most 4096; zero: none */
        uint32_t servers;      /* whose Fast Open cookie is remembered [256] */
        uint32_t paced;        /* connections that may be paced at the same time; more are not paced [1024] */
        uint32_t trace;        /* entries of the trace, a ring; zero: none is kept */
        /* Of the link, its least if it varies (SHLD-6): 576 (with IPv6 1280, which is not enforced) to 65535 [1500]. */
        uint32_t mtu;
        /* Most payload in one packet that the link cuts into segments, whose checksums it completes then too; zero: it cannot. */
        uint32_t gso_bytes;
        bool checksum_offload; /* the link completes TCP checksums: packets leave with LA_PACKET_CHECKSUM_PARTIAL */
        bool strict_addresses; /* packets to other addresses than these two are not ours; else everything is */
        uint8_t address4[4];   /* this host's address, and the default local one of la_open(); zeros: none */
        uint8_t address6[16];
        uint8_t seed[32]; /* the source of everything unpredictable: true randomness, or the simulation's number */
};

/* The bytes that such a stack needs; 0 for a configuration out of range. */
size_t la_stack_bytes(const struct la_config *config);

/* Makes a stack in `block`, which must be aligned to 64 bytes, hold la_stack_bytes() and stay until the stack is no
 * longer used.  There is nothing to free: whoever owns the block ends the stack by forgetting it.  Only the pages of
 * what is in use are touched, so a block may be much larger than memory needed now.  The block must hold zeros (calloc,
 * mmap).  NULL if the configuration is out of range or the block too small or not aligned. */
struct la_stack *la_stack_init(void *block, size_t block_bytes, const struct la_config *config, tcp_time now);

/* ---- Packets in and out ----------------------------------------------------------------------------------------- */

#define LA_HEADER_MAX 128
enum {
        LA_PACKET_CHECKSUM_PARTIAL =
                1 << 0, /* out: the TCP checksum holds the pseudo header's sum, the link does the rest */
        LA_PACKET_CHECKSUM_GOOD = 1 << 1,  /* in: the link has verified the TCP checksum */
        LA_PACKET_RETRANSMISSION = 1 << 2, /* out: carries something that was sent before */
};

/* One IPv4 or IPv6 packet, without link header: header[0..header_bytes), then the parts.  What la_output() filled can
 * be given to another stack's la_input() as it is, and such a packet may be copied while its parts live.
 *
 * ECN (RFC 3168; tcp_ecn) needs the two lowest bits of the traffic class to come through as they are.  A link that cuts
 * a packet copies them into each segment, and need not think of CWR: what says it is never to be cut.  A link that
 * merges arriving segments must not merge such as differ in these bits, or in ECE or CWR. */
struct la_packet {
        uint16_t header_bytes;
        uint16_t parts;
        uint16_t gso_bytes; /* not 0: the link must cut the payload into segments of this many bytes */
        uint16_t flags;     /* LA_PACKET_... */
        struct la_part part[LA_PARTS_MAX];
        uint8_t header[LA_HEADER_MAX];
};

/* Packets arrived.  Their bytes are borrowed for the call.  IP and TCP header must lie together, in `header` or at the
 * beginning of part[0].  Anything may be passed: what is no packet for this stack meets a verdict. */
void la_input(struct la_stack *stack, tcp_time now, const struct la_packet *packets, size_t n);

/* The same, and the packets' bytes stay what and where they are until la_output() or la_settle(): text that is read
 * before then (la_receive_look() and la_receive_done(), or la_receive()) need not be copied into the receive buffer.
 * Only la_config.loans texts at a time are left where they are, and no short ones.  A stack must not be copied or saved
 * before la_settle(). */
void la_input_lent(struct la_stack *stack, tcp_time now, const struct la_packet *packets, size_t n);

/* Copies what is still lent, so that the packets' memory can be used for something else. */
void la_settle(struct la_stack *stack);

/* Fills at most n packets and returns how many; fewer than n means that there is nothing more to send now.  Headers
 * are written into the packets, parts point into send buffers; both stay valid until the next call on this stack. */
size_t la_output(struct la_stack *stack, tcp_time now, struct la_packet *packets, size_t n);

/* When the stack wants to be called next: 0 when la_output() has something to send, else the time at which la_advance()
 * will have something to do, else LA_NEVER.  Never costs more than a few loads, however many connections are held. */
tcp_time la_deadline(const struct la_stack *stack);

/* Serves all timers that are due at `now`. */
void la_advance(struct la_stack *stack, tcp_time now);

/* A keyed hash of a packet's addresses and ports, the same for both directions: stack = hash % stacks.  False if the
 * packet has no TCP ports. */
bool la_flow_hash(const uint8_t key[16], const struct la_packet *packet, uint32_t *ret_hash);

/* ---- Events ----------------------------------------------------------------------------------------- */

struct la_event_report {
        struct la_handle handle;
        uint32_t happened; /* bits of enum la_happened */
        uint64_t user;     /* what the owner said this connection means to it */
};

/* The next handle about which something is to be told; false when there is none.  A handle that was closed or aborted
 * by its owner is never told of again. */
bool la_next_event(struct la_stack *stack, struct la_event_report *ret_event);

/* ---- The calls of RFC 9293 3.10 ---------------------------------------------------------------------------------- */

/* Passive OPEN (3.10.1): wait for connections to `local`; all zeros as address means any address of the family, and
 * a listener on one address goes before it.  As in Linux, min(backlog, somaxconn) and one more connections may wait to be
 * accepted, and as many again be half-open.  Any number of listeners may be held on different ports (MUST-42); one on a
 * port that is already listened on with the same address is LA_ERR_IN_USE. */
enum la_error la_listen(struct la_stack *stack, tcp_time now, enum la_family family, const struct la_endpoint *local,
                        uint32_t backlog, uint64_t user, struct la_handle *ret_listener);

/* The next established connection of a listener; LA_ERR_AGAIN if none waits.  `user` is the connection's from now on.
 * It may already have ended again, with its reason in la_status(). */
enum la_error la_accept(struct la_stack *stack, tcp_time now, struct la_handle listener, uint64_t user,
                        struct la_handle *ret_connection);

/* Active OPEN (3.10.1).  `local` may be NULL, or have no address (the configured one is taken: MUST-44) or no port (RFC
 * 6056 chooses from ip_local_port_range, leaving out ip_local_reserved_ports).  LA_ERR_NO_PORTS when every port of the
 * range is taken towards this destination; LA_ERR_IN_USE when a given port is; LA_ERR_ADDRESS when the remote is no
 * unicast address (MUST-46). */
enum la_error la_open(struct la_stack *stack, tcp_time now, enum la_family family, const struct la_endpoint *local,
                      const struct la_endpoint *remote, uint64_t user, struct la_handle *ret_connection);

/* The OPEN call in LISTEN (3.10.1), "change the connection from passive to active": the listener ends, without a word
 * to those it has not handed out, and a connection from its local endpoint begins.  A listener on any address uses the
 * configured one. */
enum la_error la_open_listener(struct la_stack *stack, tcp_time now, struct la_handle listener,
                               const struct la_endpoint *remote, uint64_t user, struct la_handle *ret_connection);

/* The SEND call in LISTEN (3.10.2), "if the remote socket is specified": the same, and these are the first bytes to be
 * sent; with LA_OPTION_FASTOPEN_CONNECT set on the listener they may go in the SYN.  The listener's `user` is the
 * connection's.  LA_ERR_AGAIN, the listener being what it was, if there is no room for any of them. */
enum la_error la_send_listener(struct la_stack *stack, tcp_time now, struct la_handle listener,
                               const struct la_endpoint *remote, const uint8_t *bytes, size_t length, uint32_t flags,
                               size_t *ret_taken, struct la_handle *ret_connection);

/* SEND (3.10.2): takes as many bytes as the send buffer has room for, and says how many; fewer than asked for means
 * that LA_HAPPENED_WRITABLE will follow.  Before the connection is established the bytes wait.  Without LA_SEND_MORE
 * the last byte is pushed.  LA_ERR_NOT_CONNECTED on a listener: "remote socket unspecified"; LA_ERR_INVALID for flags that
 * are none.
 *
 * The last quarter of la_config.chunks is for connections that hold nothing to send, a chunk each: peers that do not read
 * cannot take it from the others.  `bytes` may be what la_receive_look() showed of a connection of this stack.
 *
 * With LA_SEND_CONSTANT fewer may be taken although there is room: whoever sends on until LA_ERR_AGAIN gets all that is
 * to be had.  A stack that refers to such bytes may be copied within the program, but not saved. */
enum la_error la_send(struct la_stack *stack, tcp_time now, struct la_handle connection, const uint8_t *bytes,
                      size_t length, uint32_t flags, size_t *ret_taken);

/* SEND without a copy: where the next bytes to send may be written, and how many; then la_send_commit() with the number
 * written.  That may be 0, which gives back the memory: until then it is the connection's.  No other call on the stack may
 * come between the two, but for such as only look: LA_ERR_INVALID then, as for more bytes than there was room for, and
 * nothing is sent, since the memory may be another connection's by then. */
enum la_error la_send_space(struct la_stack *stack, struct la_handle connection, uint8_t **ret_bytes, size_t *ret_room);
enum la_error
la_send_commit(struct la_stack *stack, tcp_time now, struct la_handle connection, size_t length, uint32_t flags);

/* RECEIVE (3.10.3): copies what has arrived in order, urgent data in line.  LA_ERR_AGAIN when there is nothing yet,
 * LA_ERR_END when the peer has closed and all is read; after that, or instead, the reason why the connection ended.
 *
 * Of la_config.chunks a thirty-second is kept for text to be sent, so that what has arrived can be answered, and an eighth
 * for connections that hold nothing to be read, a chunk each: what arrives for others is not taken then (TCPRcvQDrop), and
 * the peer repeats it.  Where that is what fills a gap, what came ahead of the gap is dropped to make room (OfoPruned). */
enum la_error la_receive(struct la_stack *stack, tcp_time now, struct la_handle connection, uint8_t *bytes, size_t room,
                         size_t *ret_length);

/* RECEIVE without a copy: the next bytes as they lie in the receive buffer, until the next call on this stack; then
 * la_receive_done() with the number used, which makes room. */
enum la_error la_receive_look(const struct la_stack *stack, struct la_handle connection, struct la_part *ret_part);
enum la_error la_receive_done(struct la_stack *stack, tcp_time now, struct la_handle connection, size_t length);

/* CLOSE (3.10.4) of this end's direction: what was written is still sent, then a FIN; receiving goes on, and the handle
 * stays.  On a connection in SYN_SENT it ends the attempt. */
enum la_error la_shutdown(struct la_stack *stack, tcp_time now, struct la_handle connection);

/* CLOSE by a program that will not look again.  The handle is gone with this call, whatever it answers.
 * - Everything read: as la_shutdown(), and the stack sees it to its end alone (an orphan): tcp_fin_timeout bounds its
 *   FIN_WAIT_2, tcp_orphan_retries its retransmissions, and data that still arrives is answered with RST.
 * - Something arrived that was not read: RST at once, so that the peer learns of the loss (SHLD-3).
 * - LA_OPTION_LINGER set: after that time, or at once for 0, what is not acknowledged is given up with RST.
 * A listener's half-open and waiting connections end: the half-open silently, the waiting with RST. */
enum la_error la_close(struct la_stack *stack, tcp_time now, struct la_handle handle);

/* ABORT (3.10.5): RST, and the handle is gone. */
enum la_error la_abort(struct la_stack *stack, tcp_time now, struct la_handle handle);

/* ABORT of what la_close() left to the stack alone: for a program that is about to give the stack up, so that no peer waits
 * for what nobody will send any more.  Handles and TIME_WAIT are not touched.  The resets wait for la_output(); those
 * that find no room among la_config.replies are lost. */
void la_abort_orphans(struct la_stack *stack, tcp_time now);

/* ABORT that keeps the addresses and ports reserved for 2 MSL, as TIME_WAIT.  LA_ERR_NOT_CONNECTED, and nothing done,
 * before SYN_RECEIVED and once both directions have closed. */
enum la_error la_abort_and_wait(struct la_stack *stack, tcp_time now, struct la_handle connection);

/* STATUS (3.10.6): what the owner of a handle acts upon, struct la_status. */
enum la_error
la_status(const struct la_stack *stack, tcp_time now, struct la_handle handle, struct la_status *ret_status);

/* ---- Snapshots ------------------------------------------------------------------------------------------------- */

/* What a connection, a half-open one, a record or a listener looks like from outside: lastack/snapshot.h, the same that
 * is filled from Linux's TCP.  Of a stack everything is known that it keeps; not known are
 *
 * - tcp and memory of half-open connections and records, which are no connections yet or any more, as in Linux;
 * - a connection's drops, and what LA_KNOWN_TRAFFIC stands for: single segments are not counted for each;
 * - uid, mark, cgroup, netns, owners, and the inode of what is held: the stack knows its owner by handles only.  What no
 *   handle refers to has the inode 0, as in Linux.
 *
 * cookie is the handle, its generation above its index; a connection has it before it is accepted.  Times are in 32 bits
 * of milliseconds: after 49.7 days an age begins anew. */

/* Of a handle, in whatever state. */
enum la_error
la_snapshot(const struct la_stack *stack, tcp_time now, struct la_handle handle, struct la_snapshot *ret_snapshot);

/* Everything the stack holds, each once: listeners first, then in no particular order half-open ones, connections and
 * records.  Begin with *cursor = 0; false at the end.  Between two calls anything may happen: what exists throughout is
 * told at least once, provided that it keeps its form.  A handle whose connection has become a record in TIME_WAIT is
 * told as that, and once that has run out, of which LA_HAPPENED_CLOSED tells, as a connection in CLOSED until it is
 * closed. */
bool la_next_snapshot(const struct la_stack *stack, tcp_time now, uint64_t *cursor, struct la_snapshot *ret_snapshot);

/* The same in slices, for who must not keep a stack waiting: looks at *places places at most, most of which are empty in a
 * stack that holds little, and counts them down.  False with none of them left is not the end yet. */
bool la_next_snapshot_within(const struct la_stack *stack, tcp_time now, uint64_t *cursor, uint32_t *places,
                             struct la_snapshot *ret_snapshot);

/* What has this tuple, seen from this stack; false if the stack holds nothing of it. */
bool la_find(const struct la_stack *stack, tcp_time now, enum la_family family, const struct la_endpoint *local,
             const struct la_endpoint *remote, struct la_snapshot *ret_snapshot);

/* ---- Settings --------------------------------------------------------------------------------------------------- */

/* Settings of one connection.  A listener's are inherited by what it accepts. */
enum la_option {
        LA_OPTION_NODELAY,            /* 0, 1: no Nagle algorithm (MUST-17) [0] */
        LA_OPTION_CORK,               /* 0, 1: only full segments leave, for at most 200 ms [0] */
        LA_OPTION_QUICKACK,           /* 0, 1: acknowledge at once [0] */
        LA_OPTION_KEEPALIVE,          /* 0, 1: MUST-24, MUST-25 [0] */
        LA_OPTION_KEEPALIVE_TIME,     /* seconds, 1 to 32767; 0: tcp_keepalive_time (MUST-27, MUST-28) [0] */
        LA_OPTION_KEEPALIVE_INTERVAL, /* seconds, 1 to 32767; 0: tcp_keepalive_intvl [0] */
        LA_OPTION_KEEPALIVE_PROBES,   /* 1 to 127; 0: tcp_keepalive_probes [0] */
        LA_OPTION_USER_TIMEOUT,       /* ms without acknowledgment before giving up, be it sooner or later than
                                       * tcp_retries2 would; 0: tcp_retries2 (MUST-21) [0] */
        LA_OPTION_LINGER,             /* seconds, 0 to 32767; -1: off, close without waiting [-1] */
        LA_OPTION_SEND_BUFFER,      /* bytes, at most tcp_wmem's third [tcp_wmem's second, growing with the windows] */
        LA_OPTION_RECEIVE_BUFFER,   /* bytes, at most tcp_rmem's third [tcp_rmem's second] */
        LA_OPTION_MSS,              /* largest segment to send and to announce, 88 to 65495; 0: from the MTU [0] */
        LA_OPTION_TOS,              /* 0 to 255: TOS or traffic class, ECN's bits cut off (MUST-48, SHLD-21) [0] */
        LA_OPTION_TTL,              /* 1 to 255 (MUST-49) [64] */
        LA_OPTION_FASTOPEN,         /* of a listener: how many may be let in by Fast Open at a time, 0 to 65535 [0] */
        LA_OPTION_FASTOPEN_CONNECT, /* 0, 1: text may go in the SYN; until the SYN has left [0] */
        LA_OPTION_ICMP_ERRORS,      /* 0, 1: hard ICMP errors end the connection in any state, see below [0] */
        LA_OPTION_MAX_PACING_RATE,  /* bytes a second, at most; 0: no limit, see below [0] */
        LA_OPTION_PACING,           /* 0, 1: by the congestion window; -1: as lastack.pacing says [-1] */
        LA_OPTION_USER,             /* the owner's number, as in events */
        LA_OPTION_COUNT
};

/* An ICMP error counts only if it quotes a sequence number in flight (RFC 5927 4.1).  A hard one (protocol or port
 * unreachable) ends an attempt to connect.  Of an established connection it is only told, as LA_HAPPENED_SOFT_ERROR:
 * RFC 9293 3.9.2.2 says that such a connection SHOULD end (SHLD-26), RFC 5927 5.2 why most, Linux too, let it live, since
 * the message can be forged and a peer that is really gone is found out.  LA_OPTION_ICMP_ERRORS has SHLD-26 for those
 * who would rather know at once: the connection ends with LA_ERR_UNREACHABLE.  On Linux IP_RECVERR makes the error
 * known in the same cases, and leaves the rest to the program. */

/* TCP Fast Open (RFC 7413) spares a round trip: what the client's program writes before the SYN leaves goes with it, and
 * the server's program reads it before the handshake is complete.  Such text may be delivered twice, even when the
 * connection is long over (2.1): only for requests that may be repeated.
 *
 * A client says la_open(), LA_OPTION_FASTOPEN_CONNECT, la_send(), and only then la_output().  A server not yet known is
 * asked for a cookie, and the text follows the handshake; so does text that a server does not take, the program need
 * not care.  The stack remembers la_config.servers servers, and where Fast Open failed leaves the way alone, for a
 * minute, then two, up to an hour.  tcp_fastopen must have 1; with 4 it goes without a cookie.
 *
 * A server sets LA_OPTION_FASTOPEN on a listener, and 2 in tcp_fastopen; with 512 it wants no cookie, with 1024 every
 * listener does it, as far as its backlog goes.  somaxconn limits the former as it limits the latter.  la_accept() then
 * gives connections in SYN_RECEIVED, which can be read and written at once; LA_HAPPENED_CONNECTED tells when the
 * handshake is complete, and if it never is, the connection ends like any other, with LA_ERR_RESET or
 * LA_ERR_TIMED_OUT. */

/* Pacing: text leaves at a rate, the least of
 *
 * - LA_OPTION_MAX_PACING_RATE, Linux's SO_MAX_PACING_RATE, a ceiling of one connection;
 * - lastack.max_pacing_rate, a ceiling of each connection of the stack;
 * - as Linux does it for fq and BBR, tcp_pacing_ss_ratio percent of a congestion window in a smoothed round trip,
 *   tcp_pacing_ca_ratio from half of ssthresh on; not for the first ten segments.  LA_OPTION_PACING and lastack.pacing turn
 *   this on; as in Linux a ceiling does too, unless LA_OPTION_PACING is 0.
 *
 * In any time no more leaves than the rate's bytes of that time and of two milliseconds, and four segments: text waits, as do
 * the FIN behind it and what recovery sends again; not SYN, RST, bare acknowledgments, probes, and the one segment that a
 * retransmission timeout sends.  Who had nothing to send, or is called late, earns a millisecond's worth, or two segments.
 * la_deadline() tells when to go on, once a millisecond at most.  Unlike Linux's, a ceiling holds from the first byte on.
 *
 * Both options change a connection at once.  LA_ERR_NO_PACERS when la_config.paced connections are paced already, and
 * LA_ERR_NOT_CONNECTED for a ceiling of one that is closed or in TIME_WAIT; a connection that inherits a ceiling, or begins
 * with lastack.pacing set, while no record is left, is not paced.  la_snapshot() says at what rate one is, and how long it
 * waits (LA_KNOWN_PACING). */

enum la_error
la_option_set(struct la_stack *stack, tcp_time now, struct la_handle handle, enum la_option option, int64_t value);
enum la_error
la_option_get(const struct la_stack *stack, struct la_handle handle, enum la_option option, int64_t *ret_value);

/* ---- Tunables --------------------------------------------------------------------------------------------------- */

/* Sets a tunable by Linux's name, full or its last part; it holds from the next segment, call or timer on, for
 * connections that exist too, as far as Linux's does: what a handshake agrees on stays agreed, somaxconn is looked at by
 * la_listen().  The text is as one would write it to the file in /proc/sys, blanks and a newline around it included.
 *
 * Ranges are those of model/knob.def.  What Linux's do, these do, with these differences:
 *
 *         tcp_rmem                  a receive buffer does not grow by itself: a connection has the second number, and
 *                                   LA_OPTION_RECEIVE_BUFFER may ask for up to the third
 *         tcp_wmem                  the second is 262144 at first; a send buffer that is all in flight is doubled, up to
 *                                   the third, while both windows would take more
 *         tcp_congestion_control    "reno" is what there is
 *         tcp_retries1              there is no route to doubt: the owner is told (LA_HAPPENED_SOFT_ERROR), who may know
 *                                   another way; a black hole of path MTU is not looked for (Linux: tcp_mtu_probing)
 *         tcp_max_tw_buckets, tcp_max_orphans, tcp_max_syn_backlog    follow la_config at first, within their ranges
 *
 * Beside Linux's there are
 *
 *         lastack.time_wait_ms           how long TIME_WAIT lasts, 0 to 3,600,000 [60,000]
 *         lastack.rto_min_ms             least retransmission timeout, 1 to 10,000 [200]
 *         lastack.delayed_ack_ms         longest delay of an acknowledgment, 0 to 499 (MUST-40) [40]
 *         lastack.challenge_ack_limit    RFC 5961 7: challenge ACKs a second, 0 to 1,000,000 [1000]
 *         lastack.initial_window         segments, 1 to 100 (RFC 6928) [10]
 *         lastack.pacing                 0, 1: pacing by the congestion window, as with Linux's fq [0]
 *         lastack.max_pacing_rate        bytes a second of each connection, 0 to 4,294,967,295; 0: no limit [0]
 *         net.ipv4.tcp_tw_recycle        as it was until Linux 4.12
 *
 * tcp_tw_recycle other than 0 is LA_ERR_DANGER: it drops the connections of everybody who shares an address (NAT) and
 * whose clock is behind.  la_knob_set_dangerous() does it all the same, and takes any tcp_max_tw_buckets
 * and tcp_max_orphans, 0 too, as Linux does.  When the value is refused *ret_error, if given, is a sentence that names
 * the tunable and its range; it lives as long as the program. */
enum la_error la_knob_set(struct la_stack *stack, const char *name, const char *value, const char **ret_error);
enum la_error
la_knob_set_dangerous(struct la_stack *stack, const char *name, const char *value, const char **ret_error);

/* Writes the value as its file in /proc/sys would show it, with a NUL.  LA_ERR_INVALID if `room` is too small: 512
 * bytes are enough for all but port lists, 8 KiB for those. */
enum la_error la_knob_get(const struct la_stack *stack, const char *name, char *text, size_t room);

/* The name of each tunable that la_knob_set() knows, in full, from number 0 on; NULL behind the last. */
const char *la_knob_name(size_t number);

/* What a tunable was set to when the stack was made; blanks or tabs between the parts where it has several. */
enum la_error la_knob_standard(const struct la_stack *stack, const char *name, char *text, size_t room);

/* What la_knob_set() takes: the least and most of each number, or port, of the value, and the sentence that it refuses
 * others with; it lives as long as the program. */
enum la_error la_knob_range(const char *name, int64_t *ret_least, int64_t *ret_most, const char **ret_sentence);

/* ---- What is counted --------------------------------------------------------------------------------------------- */

/* Connections in each state, without walking them, and as many as la_next_snapshot() tells: a half-open one is in
 * SYN_RECEIVED, a record in TIME_WAIT or FIN_WAIT_2, a handle whose connection has ended otherwise in CLOSED. */
uint64_t la_state_count(const struct la_stack *stack, enum la_state state);

/* Packets that met a verdict, and how often a row of transition.def fired, since the stack was made. */
uint64_t la_verdict_count(const struct la_stack *stack, enum la_verdict verdict);
uint64_t la_transition_count(const struct la_stack *stack, enum la_transition transition);

uint64_t la_counter(const struct la_stack *stack, enum la_counter counter);

/* How full the stack is, each against its la_config limit. */
struct la_usage {
        uint32_t connections, half_open, time_wait4, time_wait6, listeners, chunks, reassemblies, paced, orphans;
        uint32_t replies_lost; /* replies that found the ring full, since the stack was made */
};

struct la_usage la_usage(const struct la_stack *stack);

/* What the stack was made with, defaults filled in; as long as the stack. */
const struct la_config *la_stack_config(const struct la_stack *stack);

/* ---- The trace --------------------------------------------------------------------------------------------------- */

/* The oldest entry not yet taken; false if there is none.  When the ring is full the oldest is lost; la_trace_lost()
 * says how many were. */
bool la_next_trace(struct la_stack *stack, struct la_trace *ret_trace);
uint64_t la_trace_lost(const struct la_stack *stack);

#endif
