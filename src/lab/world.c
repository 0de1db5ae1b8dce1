/* SPDX-License-Identifier: BSD-2-Clause */
/* The world's beginning and end, and who is in it. */
#include "lab/world.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 64

/* ---- Memory ---- */

void *
lab_grow(struct la_lab *lab, void *array, size_t item_bytes, size_t count, size_t *room)
{
        size_t larger = *room == 0 ? FIRST_ROOM : *room * 2;
        void *grown;

        if (count < *room)
                return array;
        grown = larger > SIZE_MAX / item_bytes ? NULL : realloc(array, larger * item_bytes);
        if (!grown)
                lab->out_of_memory = true;
        else
                *room = larger;
        return grown;
}

uint8_t *
lab_copy(struct la_lab *lab, const uint8_t *bytes, size_t length)
{
        uint8_t *copy = malloc(length > 0 ? length : 1);

        if (copy)
                memcpy(copy, bytes, length);
        else
                lab->out_of_memory = true;
        return copy;
}

/* Blocks of stacks begin at a multiple of 64 and with zeros. */
static void *
block_of(size_t bytes)
{
        size_t rounded = (bytes + 63) / 64 * 64;
        void *block = aligned_alloc(64, rounded);

        if (block)
                memset(block, 0, rounded);
        return block;
}

struct la_lab *
la_lab_new(uint64_t seed)
{
        struct la_lab *lab = calloc(1, sizeof *lab);

        if (!lab)
                return NULL;
        lab->random = seed;
        lab->digest = UINT64_C(0xcbf29ce484222325); /* FNV-1a's beginning */
        lab->cause = LA_LAB_NO_CAUSE;
        la_lab_set_links(lab, &(struct la_lab_link){ .delay_us = 10000 });
        return lab;
}

static void
free_packet(struct lab_packet *p)
{
        if (p->seen.arrived != p->seen.bytes)
                free((uint8_t *)(uintptr_t)p->seen.arrived);
        free((uint8_t *)(uintptr_t)p->seen.bytes);
        free(p);
}

void
lab_free_lent(struct lab_host *h)
{
        while (h->lent) {
                struct lab_lent *next = h->lent->next;

                free(h->lent);
                h->lent = next;
        }
}

void
la_lab_free(struct la_lab *lab)
{
        if (!lab)
                return;
        for (int i = 0; i < lab->hosts; i++) {
                lab_free_lent(&lab->host[i]);
                free(lab->host[i].stack);
        }
        for (int i = 0; i < lab->nats; i++)
                free(lab->nat[i].mapping);
        for (size_t i = 0; i < lab->packets; i++)
                free_packet(lab->packet[i]);
        for (size_t i = 0; i < lab->events; i++)
                free((char *)(uintptr_t)lab->event[i].text);
        free(lab->packet);
        free(lab->event);
        free(lab->arrival);
        free(lab->flow);
        free(lab->rule);
        free(lab);
}

/* ---- Hosts ---- */

static struct la_config
usual_config(void)
{
        return (struct la_config){ .connections = 64,
                                   .half_open = 64,
                                   .time_wait4 = 64,
                                   .time_wait6 = 64,
                                   .listeners = 8,
                                   .chunk_bytes = 1024,
                                   .chunks = 512,
                                   .reassemblies = 16,
                                   .replies = 64 };
}

static bool
same_address(const struct lab_host *h, enum la_family family, const uint8_t *address)
{
        if (family == LA_IPV4)
                return h->ipv4 && memcmp(h->config.address4, address, 4) == 0;
        return h->ipv6 && memcmp(h->config.address6, address, 16) == 0;
}

int
lab_host_at(const struct la_lab *lab, enum la_family family, const uint8_t *address)
{
        for (int i = 0; i < lab->hosts; i++)
                if (same_address(&lab->host[i], family, address))
                        return i;
        return LA_LAB_NOBODY;
}

static bool
address_taken(const struct la_lab *lab, enum la_family family, const uint8_t *address)
{
        for (int i = 0; i < lab->nats && family == LA_IPV4; i++)
                if (memcmp(lab->nat[i].address4, address, 4) == 0)
                        return true;
        return lab_host_at(lab, family, address) != LA_LAB_NOBODY;
}

static bool
host_is_new(const struct la_lab *lab, const struct la_lab_host *host, bool ipv4, bool ipv6)
{
        if (la_lab_host_named(lab, host->name) != LA_LAB_NOBODY)
                return false;
        return !(ipv4 && address_taken(lab, LA_IPV4, host->address4)) &&
               !(ipv6 && address_taken(lab, LA_IPV6, host->address6));
}

static void
draw_seed(struct la_lab *lab, struct la_config *config)
{
        for (size_t i = 0; i < sizeof config->seed; i += 8) {
                uint64_t r = lab_random(lab);

                for (size_t j = 0; j < 8; j++)
                        config->seed[i + j] = (uint8_t)(r >> 8 * j);
        }
}

static int
make_stack(struct la_lab *lab, struct lab_host *h)
{
        draw_seed(lab, &h->config);
        memset(h->stack, 0, h->stack_bytes);
        return la_stack_init(h->stack, h->stack_bytes, &h->config, la_lab_stack_time(lab)) ? 0 : -EINVAL;
}

int
la_lab_add_host(struct la_lab *lab, const struct la_lab_host *host)
{
        struct lab_host h = { .nat = -1, .application = { .current = -1 } };
        bool ipv4 = !lab_is_zero(host->address4, 4), ipv6 = !lab_is_zero(host->address6, 16);

        if (!host->name || host->name[0] == '\0' || strlen(host->name) >= LA_LAB_NAME_SIZE || (!ipv4 && !ipv6))
                return -EINVAL;
        if (lab->hosts == LA_LAB_HOSTS_MAX)
                return -ENOSPC;
        if (!host_is_new(lab, host, ipv4, ipv6))
                return -EEXIST;
        strcpy(h.name, host->name);
        h.ipv4 = ipv4;
        h.ipv6 = ipv6;
        h.config = host->config ? *host->config : usual_config();
        memcpy(h.config.address4, host->address4, 4);
        memcpy(h.config.address6, host->address6, 16);
        h.config.strict_addresses = true;
        h.config.trace = h.config.trace ? h.config.trace : 1024;
        h.stack_bytes = la_stack_bytes(&h.config);
        if (h.stack_bytes == 0)
                return -EINVAL;
        h.stack = block_of(h.stack_bytes);
        if (!h.stack)
                return -ENOMEM;
        if (make_stack(lab, &h) < 0) {
                free(h.stack);
                return -EINVAL;
        }
        lab->host[lab->hosts] = h;
        return lab->hosts++;
}

int
la_lab_reboot(struct la_lab *lab, int host)
{
        if (host < 0 || host >= lab->hosts)
                return -EINVAL;
        lab_free_lent(&lab->host[host]);
        lab->host[host].application = (struct lab_application){ .current = -1 };
        lab_log(lab, LA_LAB_EVENT_REBOOT, host);
        return make_stack(lab, &lab->host[host]);
}

int
la_lab_add_nat(struct la_lab *lab, const uint8_t address4[4], const int *inside, size_t count)
{
        if (lab_is_zero(address4, 4) || count == 0)
                return -EINVAL;
        for (size_t i = 0; i < count; i++)
                if (inside[i] < 0 || inside[i] >= lab->hosts || lab->host[inside[i]].nat != -1)
                        return -EINVAL;
        if (lab->nats == LAB_NATS_MAX)
                return -ENOSPC;
        if (address_taken(lab, LA_IPV4, address4))
                return -EEXIST;
        memcpy(lab->nat[lab->nats].address4, address4, 4);
        for (size_t i = 0; i < count; i++)
                lab->host[inside[i]].nat = lab->nats;
        lab->nats++;
        return 0;
}

int
la_lab_host_count(const struct la_lab *lab)
{
        return lab->hosts;
}

int
la_lab_host_named(const struct la_lab *lab, const char *name)
{
        for (int i = 0; i < lab->hosts; i++)
                if (strcmp(lab->host[i].name, name) == 0)
                        return i;
        return LA_LAB_NOBODY;
}

const char *
la_lab_host_name(const struct la_lab *lab, int host)
{
        return host >= 0 && host < lab->hosts ? lab->host[host].name : "router";
}

void
la_lab_host_address(const struct la_lab *lab, int host, enum la_family family, uint8_t ret_address[16])
{
        memset(ret_address, 0, 16);
        if (host < 0 || host >= lab->hosts)
                return;
        if (family == LA_IPV4)
                memcpy(ret_address, lab->host[host].config.address4, 4);
        else
                memcpy(ret_address, lab->host[host].config.address6, 16);
}

struct la_stack *
la_lab_stack(struct la_lab *lab, int host)
{
        return host >= 0 && host < lab->hosts ? lab->host[host].stack : NULL;
}

/* ---- Paths ---- */

int
la_lab_set_link(struct la_lab *lab, int from, int to, const struct la_lab_link *link)
{
        if (from < 0 || from >= lab->hosts || to < 0 || to >= lab->hosts)
                return -EINVAL;
        lab->link[from][to].set = *link;
        return 0;
}

void
la_lab_set_links(struct la_lab *lab, const struct la_lab_link *link)
{
        for (int from = 0; from < LA_LAB_HOSTS_MAX; from++)
                for (int to = 0; to < LA_LAB_HOSTS_MAX; to++)
                        lab->link[from][to].set = *link;
}
