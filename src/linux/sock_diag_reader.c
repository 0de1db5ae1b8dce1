/* SPDX-License-Identifier: BSD-2-Clause */
#include "linux/sock_diag_reader.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <string.h>

#include "linux/sock_diag_decode.h"

void
sock_diag_reader_take(struct sock_diag_reader *r, const uint8_t *datagram, size_t size)
{
        r->next = datagram;
        r->left = size;
        r->damaged = false;
}

void
sock_diag_reader_lose(struct sock_diag_reader *r)
{
        r->left = 0;
        r->damaged = true;
}

/* The message that the rest of the datagram begins with; NULL if that is no whole one. */
static const struct nlmsghdr *
peek_message(const struct sock_diag_reader *r)
{
        const struct nlmsghdr *message = (const struct nlmsghdr *)(const void *)r->next;

        if (r->left < sizeof(*message) || message->nlmsg_len < sizeof(*message) || message->nlmsg_len > r->left)
                return NULL;
        return message;
}

static const struct nlmsghdr *
next_message(struct sock_diag_reader *r)
{
        const struct nlmsghdr *message = peek_message(r);
        size_t size;

        if (!message)
                return NULL;
        size = NLMSG_ALIGN(message->nlmsg_len);
        if (size > r->left)
                size = r->left;
        r->next += size;
        r->left -= size;
        return message;
}

/* NLMSG_ERROR, and since Linux 4.15 NLMSG_DONE too, begin with a negative errno, or 0 for none. */
static int
error_in(const struct nlmsghdr *message)
{
        int error = 0;

        if (mnl_nlmsg_get_payload_len(message) < sizeof(error))
                return 0;
        memcpy(&error, mnl_nlmsg_get_payload(message), sizeof(error));
        return error < 0 && error >= -4095 ? error : 0;
}

static int
read_done(const struct nlmsghdr *message)
{
        int error = error_in(message);

        return error < 0 ? error : SOCK_DIAG_DONE;
}

static int
read_error(const struct nlmsghdr *message)
{
        int error = error_in(message);

        return error < 0 ? error : SOCK_DIAG_DAMAGED;
}

static bool
is_ours(const struct sock_diag_reader *r, const struct nlmsghdr *message)
{
        return message->nlmsg_seq == r->sequence && message->nlmsg_pid == r->port;
}

int
sock_diag_reader_refusal(const struct sock_diag_reader *r)
{
        const struct nlmsghdr *message = peek_message(r);

        if (!message || !is_ours(r, message))
                return 0;
        return message->nlmsg_type == NLMSG_ERROR || message->nlmsg_type == NLMSG_DONE ? error_in(message) : 0;
}

static int
read_socket(struct sock_diag_reader *r, const struct nlmsghdr *message, struct la_snapshot *ret_snapshot)
{
        if (!sock_diag_decode(message, r->want, ret_snapshot)) {
                r->malformed++;
                return SOCK_DIAG_EMPTY;
        }
        r->seen |= 1u << ret_snapshot->state;
        if (!(r->states & (1u << ret_snapshot->state)))
                return SOCK_DIAG_EMPTY;
        if (r->want)
                r->missing |= sock_diag_expected(ret_snapshot, r->want) & ~ret_snapshot->known;
        return SOCK_DIAG_SOCKET;
}

/* SOCK_DIAG_EMPTY: nothing to tell the caller, go on with the next message. */
static int
read_message(struct sock_diag_reader *r, const struct nlmsghdr *message, struct la_snapshot *ret_snapshot)
{
        if (!is_ours(r, message)) {
                r->malformed++;
                return SOCK_DIAG_EMPTY;
        }
        if (message->nlmsg_flags & NLM_F_DUMP_INTR) {
                r->interrupted = true;
                if (!r->goes_on_if_interrupted)
                        return SOCK_DIAG_INTERRUPTED;
        }
        switch (message->nlmsg_type) {
        case TCPDIAG_GETSOCK:
        case SOCK_DIAG_BY_FAMILY:
                return read_socket(r, message, ret_snapshot);
        case NLMSG_DONE:
                return read_done(message);
        case NLMSG_ERROR:
                return read_error(message);
        case NLMSG_OVERRUN:
                return SOCK_DIAG_DAMAGED;
        case NLMSG_NOOP:
                return SOCK_DIAG_EMPTY;
        default:
                r->malformed++;
                return SOCK_DIAG_EMPTY;
        }
}

int
sock_diag_reader_next(struct sock_diag_reader *r, struct la_snapshot *ret_snapshot)
{
        const struct nlmsghdr *message;

        while ((message = next_message(r))) {
                int step = read_message(r, message, ret_snapshot);

                if (step != SOCK_DIAG_EMPTY)
                        return step;
        }
        return r->left > 0 || r->damaged ? SOCK_DIAG_DAMAGED : SOCK_DIAG_EMPTY;
}
