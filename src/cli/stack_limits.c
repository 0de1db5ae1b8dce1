/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/stack_limits.h"

#include "cli/gettext.h"

static const struct kind {
        const char *id, *name;
        size_t used, limit; /* where they are in struct la_usage, and in struct la_config */
} kinds[STACK_LIMITS] = {
#define KIND(member, name)                                                                           \
        {                                                                                            \
#member, name, offsetof(struct la_usage, member), offsetof(struct la_config, member) \
        }
        KIND(connections, N_("connections")),    KIND(half_open, N_("half-open")),
        KIND(time_wait4, N_("TIME_WAIT, IPv4")), KIND(time_wait6, N_("TIME_WAIT, IPv6")),
        KIND(listeners, N_("listeners")),        KIND(chunks, N_("buffer chunks")),
        KIND(reassemblies, N_("reassemblies")),
#undef KIND
};

static uint32_t
number_at(const void *start, size_t offset)
{
        return *(const uint32_t *)((const char *)start + offset);
}

static void
add_queue(struct stack_limit *l, unsigned int queue, uint64_t used, uint64_t limit)
{
        if (queue == 0 || used * l->fullest_limit > l->fullest_used * limit) {
                l->fullest = queue;
                l->fullest_used = used;
                l->fullest_limit = limit;
        }
        l->used += used;
        l->limit += limit;
}

void
stack_limits(const struct control_client *client, struct stack_limit ret_limits[STACK_LIMITS])
{
        for (size_t i = 0; i < STACK_LIMITS; i++) {
                ret_limits[i] = (struct stack_limit){ .id = kinds[i].id, .name = kinds[i].name };
                for (unsigned int q = 0; q < control_queues(client); q++) {
                        struct control_queue queue = control_queue(client, q);
                        add_queue(&ret_limits[i], q, number_at(&queue.status->usage, kinds[i].used),
                                  number_at(&queue.hello->config, kinds[i].limit));
                }
        }
}
