/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <err.h>
#include <string.h>
#include <sys/mman.h>

#include "stories.h"

/*
 * Who there is.  In each column, and over all, no two states have the same number of sockets; the tests check that, so
 * that they notice when two are exchanged.  What a clock of 60 s ends comes last.
 */
static const struct plan {
        const char *state, *story;
        void (*make)(struct population *p, struct population_socket *s);
        unsigned int count[POPULATION_KINDS]; /* IPv4, IPv6, mapped */
} plans[] = {
        { "CLOSED", "bound", bound, { 1, 2, 3 } },
        { "LISTEN", "the door", listening_at_the_door, { 1, 1, 1 } },
        { "LISTEN", "idle", listening, { 3, 1, 2 } },
        { "LISTEN", "on one device", listening_on_device, { 1, 1, 1 } },
        { "LISTEN", "two at one address", listening_twice, { 1, 1, 1 } },
        { "LISTEN", "of two processes", listening_shared, { 1, 1, 1 } },
        { "LISTEN", "with connections to accept", listening_with_queue, { 1, 1, 1 } },
        { "LISTEN", "overflown", listening_overflown, { 1, 1, 1 } },
        { "SYN_SENT", "the peer is silent", syn_sent, { 5, 4, 6 } },
        { "SYN_RECEIVED", "half open", half_open, { 17, 23, 19 } },
        { "SYN_RECEIVED", "simultaneous open", simultaneous_open, { 1, 2, 1 } },
        { "ESTABLISHED", "idle", established, { 6, 5, 4 } },
        { "ESTABLISHED", "accepted", accepted, { 4, 2, 3 } },
        { "ESTABLISHED", "of two processes", established_shared, { 1, 1, 1 } },
        { "ESTABLISHED", "on a link", established_on_link, { 0, 2, 0 } },
        { "ESTABLISHED", "kept alive", kept_alive, { 2, 1, 1 } },
        { "ESTABLISHED", "with unread data", unread, { 3, 2, 2 } },
        { "ESTABLISHED", "with unacknowledged data", unacknowledged, { 2, 3, 1 } },
        { "ESTABLISHED", "the peer has no room", window_closed, { 1, 1, 2 } },
        { "ESTABLISHED", "on loopback", pair, { 2, 3, 1 } },
        { "ESTABLISHED", "on loopback, of two kinds", pair_of_two_kinds, { 2, 0, 0 } },
        { "FIN_WAIT_1", "half closed", fin_wait_1, { 6, 9, 10 } },
        { "FIN_WAIT_1", "orphan", fin_wait_1_orphan, { 10, 13, 11 } },
        { "CLOSE_WAIT", "not yet closed", close_wait, { 2, 1, 3 } },
        { "CLOSE_WAIT", "leaked", close_wait_leaked, { 14, 21, 22 } },
        { "CLOSING", "half closed", closing, { 2, 4, 5 } },
        { "CLOSING", "orphan", closing_orphan, { 5, 7, 7 } },
        { "LAST_ACK", "half closed", last_ack, { 4, 5, 6 } },
        { "LAST_ACK", "orphan", last_ack_orphan, { 9, 9, 9 } },
        { "FIN_WAIT_2", "half closed", fin_wait_2, { 7, 14, 9 } },
        { "FIN_WAIT_2", "orphan, a whole socket", fin_wait_2_lingering, { 1, 2, 3 } },
        { "FIN_WAIT_2", "orphan", fin_wait_2_orphan, { 11, 11, 16 } },
        { "TIME_WAIT", "closed first", time_wait, { 21, 22, 20 } },
        { "TIME_WAIT", "closed simultaneously", time_wait_after_closing, { 3, 4, 5 } },
        { "TIME_WAIT", "the client, on loopback", time_wait_of_client, { 7, 8, 6 } },
        { "TIME_WAIT", "the server, on loopback", time_wait_of_server, { 2, 3, 4 } },
};

enum {
        PLAN_COUNT = sizeof(plans) / sizeof(*plans),
        FIRST_KERNEL_PORT = 20000,
        FIRST_PUPPET_PORT = 40000,
        FIRST_PEER = 10, /* each story has a peer of its own: 198.51.100.10, ... */
};

static const uint16_t peer_ports[] = { 443, 22, 80, 5432, 8080 };

struct population *
population_new(int puppet)
{
        struct population *p = mmap(NULL, sizeof(*p), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED)
                err(1, "no memory for the population");
        p->puppet = puppet;
        p->peer = FIRST_PEER;
        p->next_kernel_port = FIRST_KERNEL_PORT;
        p->next_puppet_port = FIRST_PUPPET_PORT;
        return p;
}

static struct in6_addr
host(enum population_kind kind, unsigned int number)
{
        char text[INET6_ADDRSTRLEN];
        if (kind == POPULATION_IPV6)
                snprintf(text, sizeof(text), "2001:db8::%x", number);
        else
                snprintf(text, sizeof(text), "::ffff:198.51.100.%u", number);
        return story_address(text);
}

struct population_socket *
population_add(struct population *p, const char *state, const char *story, enum population_kind kind)
{
        if (p->count == POPULATION_SIZE)
                errx(1, "more than %d sockets", POPULATION_SIZE);
        struct population_socket *s = &p->sockets[p->count++];
        *s = (struct population_socket){
                .state = state,
                .story = story,
                .kind = kind,
                .keeper = POPULATION_ELDER,
                .fd = -1,
                .local = { .address = host(kind, 1), .port = p->next_kernel_port++ },
                .remote = { .address = host(kind, p->peer),
                            .port = peer_ports[p->peer % (sizeof(peer_ports) / sizeof(*peer_ports))] },
                .receive_queue = POPULATION_UNKNOWN,
                .send_queue = POPULATION_UNKNOWN,
        };
        return s;
}

void
population_make(struct population *p)
{
        for (size_t i = 0; i < PLAN_COUNT; i++, p->peer++)
                for (enum population_kind kind = 0; kind < POPULATION_KINDS; kind++)
                        for (unsigned int n = 0; n < plans[i].count[kind]; n++)
                                plans[i].make(p, population_add(p, plans[i].state, plans[i].story, kind));
}

void
population_reset(struct population *p)
{
        for (size_t i = 0; i < p->count; i++)
                if (p->sockets[i].talks)
                        puppet_send(p->puppet, &p->sockets[i].talk, PUPPET_RST, 0);
}

/* ---- What is expected, as JSON ---- */

static const char *const kind_names[POPULATION_KINDS] = { "ipv4", "ipv6", "mapped" };

static const char *
in_words(const struct population_socket *s, const struct population_end *end, char *buffer)
{
        if (s->kind == POPULATION_IPV4)
                inet_ntop(AF_INET, end->address.s6_addr + 12, buffer, INET6_ADDRSTRLEN);
        else
                inet_ntop(AF_INET6, &end->address, buffer, INET6_ADDRSTRLEN);
        return buffer;
}

static void
write_socket(const struct population_socket *s, FILE *out, pid_t elder, pid_t younger)
{
        char local[INET6_ADDRSTRLEN], remote[INET6_ADDRSTRLEN];
        fprintf(out, "{\"state\": \"%s\", \"story\": \"%s\", \"kind\": \"%s\"", s->state, s->story,
                kind_names[s->kind]);
        fprintf(out, ", \"local\": \"%s\", \"local_port\": %u", in_words(s, &s->local, local), s->local.port);
        fprintf(out, ", \"remote\": \"%s\", \"remote_port\": %u", in_words(s, &s->remote, remote), s->remote.port);
        fprintf(out, ", \"device\": \"%s\", \"drops\": %d", s->device, s->drops);
        if (s->receive_queue != POPULATION_UNKNOWN)
                fprintf(out, ", \"receive_queue\": %d", s->receive_queue);
        if (s->send_queue != POPULATION_UNKNOWN)
                fprintf(out, ", \"send_queue\": %d", s->send_queue);
        fputs(", \"owners\": [", out);
        if (s->fd >= 0 && s->keeper & POPULATION_ELDER)
                fprintf(out, "{\"pid\": %d, \"fd\": %d}", elder, s->fd);
        if (s->fd >= 0 && s->keeper == POPULATION_BOTH)
                fputs(", ", out);
        if (s->fd >= 0 && s->keeper & POPULATION_YOUNGER)
                fprintf(out, "{\"pid\": %d, \"fd\": %d}", younger, s->fd);
        fputs("]}", out);
}

void
population_write(const struct population *p, FILE *out, pid_t elder, pid_t younger)
{
        fprintf(out, "{\"elder\": %d, \"younger\": %d, \"sockets\": [", elder, younger);
        for (size_t i = 0; i < p->count; i++) {
                fputs(i ? ",\n" : "\n", out);
                write_socket(&p->sockets[i], out, elder, younger);
        }
        fputs("]}\n", out);
}
