/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/tuple.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

bool
tuple_is_meant(const char *text)
{
        return strchr(text, ':') != NULL; /* no topic has one */
}

/* As ls shows a port, unless it was told not to: services(5). */
static bool
port_of_service(const char *name, uint16_t *ret_port)
{
        const struct servent *service = getservbyname(name, "tcp");

        if (service)
                *ret_port = ntohs((uint16_t)service->s_port);
        return service != NULL;
}

static bool
parse_port(const char *text, struct tuple_end *end)
{
        char *rest;
        unsigned long port = strtoul(text, &rest, 10);

        end->any_port = *text == '\0' || strcmp(text, "*") == 0;
        if (end->any_port)
                return true;
        if (!isdigit((unsigned char)*text) || *rest != '\0')
                return port_of_service(text, &end->endpoint.port);
        end->endpoint.port = (uint16_t)port;
        return port <= 65535;
}

static bool
parse_address(char *text, struct tuple_end *end)
{
        size_t length = strlen(text);

        end->any_address = *text == '\0' || strcmp(text, "*") == 0;
        if (end->any_address)
                return true;
        end->family = LA_IPV4;
        if (inet_pton(AF_INET, text, end->endpoint.address) == 1)
                return true;
        end->family = LA_IPV6;
        if (text[0] != '[' || text[length - 1] != ']')
                return false;
        text[length - 1] = '\0';
        return inet_pton(AF_INET6, text + 1, end->endpoint.address) == 1;
}

/* The port stands behind the last colon, an IPv6 address in brackets. */
static bool
parse_end(const char *word, struct tuple_end *ret_end)
{
        char text[TUPLE_WORD_SIZE];
        char *colon;

        *ret_end = (struct tuple_end){ .any_port = false };
        if (strlen(word) >= sizeof(text))
                return false;
        strcpy(text, word);
        colon = strrchr(text, ':');
        if (!colon || strchr(colon, ']'))
                return false;
        *colon = '\0';
        return parse_port(colon + 1, ret_end) && parse_address(text, ret_end);
}

static bool
is_arrow(const char *word)
{
        return strcmp(word, "->") == 0 || strcmp(word, "<-") == 0 || strcmp(word, "<->") == 0;
}

static void
show_word(const char *word, char ret_word[TUPLE_WORD_SIZE])
{
        size_t i = 0;

        for (; word[i] != '\0' && i < TUPLE_WORD_SIZE - 1; i++)
                ret_word[i] = isprint((unsigned char)word[i]) ? word[i] : '?';
        ret_word[i] = '\0';
}

static bool
take_word(const char *word, struct tuple_name *tuple)
{
        if (tuple->count == 1 && is_arrow(word))
                return true;
        if (tuple->count == 2 || !parse_end(word, &tuple->end[tuple->count]))
                return false;
        tuple->count++;
        return true;
}

int
tuple_parse(const char *text, struct tuple_name *ret_tuple, char ret_word[TUPLE_WORD_SIZE])
{
        struct tuple_name tuple = { .count = 0 };
        char *copy = strdup(text), *rest;
        int r = copy ? 0 : -ENOMEM;

        for (char *word = copy ? strtok_r(copy, " \t\n", &rest) : NULL; word && r == 0;
             word = strtok_r(NULL, " \t\n", &rest))
                if (!take_word(word, &tuple)) {
                        show_word(word, ret_word);
                        r = -EINVAL;
                }
        free(copy);
        if (r == 0)
                *ret_tuple = tuple;
        return r;
}

static bool
names_end(const struct tuple_end *end, enum la_family family, const struct la_endpoint *e)
{
        const uint8_t *address = e->address;

        if (!end->any_port && end->endpoint.port != e->port)
                return false;
        if (end->any_address)
                return true;
        if (end->family == LA_IPV4 && family == LA_IPV6 && la_endpoint_is_mapped(e))
                return memcmp(end->endpoint.address, address + 12, 4) == 0;
        return end->family == family && memcmp(end->endpoint.address, address, sizeof(e->address)) == 0;
}

bool
tuple_names(const struct tuple_name *tuple, const struct la_snapshot *s, bool swapped)
{
        const struct la_endpoint *first = swapped ? &s->remote : &s->local, *second = swapped ? &s->local : &s->remote;

        return names_end(&tuple->end[0], s->family, first) &&
               (tuple->count < 2 || names_end(&tuple->end[1], s->family, second));
}

bool
tuple_is_whole(const struct tuple_name *tuple)
{
        for (unsigned int i = 0; i < 2; i++)
                if (i >= tuple->count || tuple->end[i].any_address || tuple->end[i].any_port)
                        return false;
        return tuple->end[0].family == tuple->end[1].family;
}
