/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/text.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

char *
text_foreign(char *p, const char *s)
{
        mbstate_t state = { 0 };

        while (*s != '\0') {
                wchar_t c;
                if (*s >= ' ' && *s <= '~' && mbsinit(&state)) { /* nearly always; asking the locale takes long */
                        *p++ = *s++;
                        continue;
                }
                size_t size = mbrtowc(&c, s, strlen(s), &state);
                bool character = size <= MB_CUR_MAX;
                if (!character) {
                        state = (mbstate_t){ 0 };
                        size = 1;
                }
                if (character && iswprint((wint_t)c))
                        p = mempcpy(p, s, size);
                else
                        *p++ = '?';
                s += size;
        }
        return p;
}

char *
text_number(char *p, uint64_t n)
{
        char digits[20];
        unsigned int count = 0;

        do {
                digits[count++] = (char)('0' + n % 10);
                n /= 10;
        } while (n > 0);
        while (count > 0)
                *p++ = digits[--count];
        return p;
}

char *
text_grouped(char *p, uint64_t n)
{
        char digits[20];
        size_t count = (size_t)(text_number(digits, n) - digits);

        for (size_t i = 0; i < count; i++) {
                if (i > 0 && (count - i) % 3 == 0)
                        *p++ = ',';
                *p++ = digits[i];
        }
        return p;
}

char *
text_timer(char *p, uint32_t ms)
{
        uint32_t s = ms / 1000, min = s / 60;

        ms %= 1000;
        s %= 60;
        if (min > 0) {
                p = text_string(text_number(p, min), "min");
                ms = 0;
                if (min > 9)
                        return p;
        }
        if (s > 0) {
                bool tenths = ms >= 100 && s <= 9;
                p = text_number(p, s);
                if (tenths) {
                        *p++ = '.';
                        p = text_number(p, ms / 100);
                }
                return text_string(p, "sec");
        }
        if (ms > 0 || min == 0)
                p = text_string(text_number(p, ms), "ms");
        return p;
}

char *
text_duration(char *p, uint64_t ms)
{
        static const struct unit {
                uint64_t ms;
                char name;
        } units[] = { { 86400000, 'd' }, { 3600000, 'h' }, { 60000, 'm' }, { 1000, 's' } };
        const size_t count = sizeof(units) / sizeof(units[0]);

        if (ms < 1000)
                return text_string(text_number(p, ms), "ms");
        for (size_t i = 0; i < count; i++) {
                if (ms < units[i].ms)
                        continue;
                p = text_number(p, ms / units[i].ms);
                *p++ = units[i].name;
                if (i + 1 < count && ms % units[i].ms >= units[i + 1].ms) {
                        p = text_number(p, ms % units[i].ms / units[i + 1].ms);
                        *p++ = units[i + 1].name;
                }
                break;
        }
        return p;
}

static char *
ipv4_text(char *p, const uint8_t a[4])
{
        for (int i = 0; i < 4; i++) {
                if (i > 0)
                        *p++ = '.';
                p = text_number(p, a[i]);
        }
        return p;
}

char *
text_address(char *p, enum la_family family, const uint8_t address[16])
{
        if (family == LA_IPV4)
                return ipv4_text(p, address);
        inet_ntop(AF_INET6, address, p, INET6_ADDRSTRLEN);
        return p + strlen(p);
}

static bool
is_wildcard(enum la_family family, const uint8_t address[16])
{
        static const uint8_t zero[16];

        return memcmp(address, zero, family == LA_IPV4 ? 4 : 16) == 0;
}

/* A host's name, or NULL.  The names met last are kept: neighbours in a table are often the same host. */
static const char *
host_name(enum la_family family, const uint8_t address[16])
{
        static struct host {
                enum la_family family;
                uint8_t address[16];
                char name[256];
        } cache[256];
        size_t size = family == LA_IPV4 ? 4 : 16, hash = 0;

        for (size_t i = 0; i < size; i++)
                hash = hash * 31 + address[i];
        struct host *h = &cache[hash % (sizeof(cache) / sizeof(cache[0]))];
        if (h->family != family || memcmp(h->address, address, size) != 0) {
                struct sockaddr_in v4 = { .sin_family = AF_INET };
                struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
                memcpy(&v4.sin_addr, address, 4);
                memcpy(&v6.sin6_addr, address, 16);
                const struct sockaddr *sa = family == LA_IPV4 ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6;
                socklen_t length = family == LA_IPV4 ? sizeof(v4) : sizeof(v6);
                h->family = family;
                memcpy(h->address, address, size);
                if (getnameinfo(sa, length, h->name, sizeof(h->name), NULL, 0, NI_NAMEREQD) != 0)
                        h->name[0] = '\0';
        }
        return h->name[0] ? h->name : NULL;
}

/* The name of a TCP service, or NULL; /etc/services is read once. */
static const char *
service_name(uint16_t port)
{
        static const char **names;

        if (!names) {
                names = calloc(UINT16_MAX + 1, sizeof(*names));
                if (!names)
                        return NULL;
                setservent(1);
                for (struct servent *e; (e = getservent()) != NULL;)
                        if (strcmp(e->s_proto, "tcp") == 0 && strlen(e->s_name) < 64 &&
                            !names[ntohs((uint16_t)e->s_port)])
                                names[ntohs((uint16_t)e->s_port)] = strdup(e->s_name);
                endservent();
        }
        return names[port];
}

static char *
port_text(char *p, uint16_t port, const struct text_style *style)
{
        const char *name = style->numeric ? NULL : service_name(port);

        if (port == 0)
                return text_string(p, "*");
        return name ? text_string(p, name) : text_number(p, port);
}

static char *
interface_text(char *p, uint32_t interface, const struct text_style *style)
{
        char name[IF_NAMESIZE];

        *p++ = '%';
        if (!style->foreign_netns && if_indextoname(interface, name))
                return text_string(p, name);
        return text_number(text_string(p, "if"), interface);
}

/* ss's way: a wildcard that serves both families is '*', IPv6 stands in brackets, a bound interface behind '%'. */
static char *
endpoint_text(char *p, const struct la_snapshot *s, const struct la_endpoint *e, bool show_interface,
              const struct text_style *style)
{
        bool wildcard = is_wildcard(s->family, e->address);
        bool both = (s->known & LA_KNOWN_V6ONLY) && !s->v6only;
        const char *name = style->resolve && !wildcard ? host_name(s->family, e->address) : NULL;

        if (name)
                p = text_foreign(p, name);
        else if (wildcard && s->family == LA_IPV6 && both)
                *p++ = '*';
        else if (s->family == LA_IPV4)
                p = ipv4_text(p, e->address);
        else {
                *p++ = '[';
                p = text_address(p, s->family, e->address);
                *p++ = ']';
        }
        if (s->interface && show_interface)
                p = interface_text(p, s->interface, style);
        *p++ = ':';
        return port_text(p, e->port, style);
}

char *
text_local(char *p, const struct la_snapshot *s, const struct text_style *style)
{
        return endpoint_text(p, s, &s->local, true, style);
}

char *
text_remote(char *p, const struct la_snapshot *s, const struct text_style *style)
{
        return endpoint_text(p, s, &s->remote, false, style);
}

char *
text_owners(char *p, size_t room, const struct la_snapshot *s)
{
        static const size_t longest =
                sizeof("(\"fifteen letters\",pid=-2147483648,fd=-2147483648),(+4294967295 more))");
        const char *end = p + room;
        uint32_t i = 0;

        if (s->owner_count == 0)
                return p;
        p = text_string(p, "users:(");
        for (; i < s->owner_count && (size_t)(end - p) > longest; i++) {
                const struct la_owner *o = &s->owners[i];
                if (i > 0)
                        *p++ = ',';
                p = text_foreign(text_string(p, "(\""), o->comm);
                p = text_number(text_string(p, "\",pid="), (uint64_t)o->pid);
                if (o->fd >= 0)
                        p = text_number(text_string(p, ",fd="), (uint64_t)o->fd);
                *p++ = ')';
        }
        if (i < s->owner_count)
                p = text_string(text_number(text_string(p, ",(+"), s->owner_count - i), " more)");
        *p++ = ')';
        return p;
}
