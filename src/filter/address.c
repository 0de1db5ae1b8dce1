/* SPDX-License-Identifier: BSD-2-Clause */
/* address.c - addresses, networks and names of hosts in a filter. */
#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

#include "filter/host.h"
#include "filter/names.h"

/* One to four numbers from 0 to 255; returns how many, 0 if it is no such thing. */
static unsigned int
ipv4_numbers(const char *text, uint8_t ret_bytes[4])
{
        unsigned int count = 0;

        memset(ret_bytes, 0, 4);
        do {
                size_t digits = strspn(text, "0123456789");
                unsigned int number = 0;

                if (digits < 1 || digits > 3 || count == 4 || (digits > 1 && *text == '0'))
                        return 0;
                for (; digits; digits--)
                        number = number * 10 + (unsigned int)(*text++ - '0');
                if (number > UINT8_MAX)
                        return 0;
                ret_bytes[count++] = (uint8_t)number;
        } while (*text++ == '.');
        return text[-1] == '\0' ? count : 0;
}

/* A netmask's length, 255.255.0.0 for /16. */
static bool
netmask_length(const char *text, uint8_t *ret_bits)
{
        uint8_t bytes[4];
        uint32_t mask;

        if (ipv4_numbers(text, bytes) != 4)
                return false;
        mask = ~((uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3]);
        if (mask & (mask + 1))
                return false;
        for (*ret_bits = 32; mask; mask >>= 1)
                --*ret_bits;
        return true;
}

static bool
parse_prefix(struct parser *p, const struct token *token, const struct host *host, uint8_t width, uint8_t *ret_bits)
{
        uint64_t bits;

        *ret_bits = width;
        if (!host->prefix || (width == 32 && netmask_length(host->prefix, ret_bits)))
                return true;
        if (!*host->prefix || host->prefix[strspn(host->prefix, "0123456789")])
                return REFUSE_PART(p, token, host->prefix, _("'%s' is not a prefix length; write a number up to %u"),
                                   quote(host->prefix, strlen(host->prefix)).text, width);
        if (!parse_number(p, token, host->prefix, UINT64_MAX, &bits))
                return false;
        if (bits > width)
                return REFUSE_PART(p, token, host->prefix, _("prefix length %s is too long; the address has %u bits"),
                                   quote(host->prefix, strlen(host->prefix)).text, width);
        *ret_bits = (uint8_t)bits;
        return true;
}

static bool
network_test(struct parser *p, bool remote, const struct names_address *address, uint8_t bits,
             struct fragment *ret_fragment)
{
        struct test test = { .remote = remote, .bits = bits };

        test.kind = address->family == LA_IPV4 ? TEST_NETWORK4 : TEST_NETWORK6;
        memcpy(test.network, address->bytes, sizeof test.network);
        return emit(p, test, ret_fragment);
}

static bool
parse_ipv4(struct parser *p, bool remote, const struct token *token, const struct host *host, struct all_of *all)
{
        struct names_address address = { .family = LA_IPV4 };
        unsigned int numbers = ipv4_numbers(host->address, address.bytes);
        struct quoted quoted = quote(host->address, strlen(host->address));
        struct fragment fragment;
        uint8_t bits;

        if (!numbers)
                return REFUSE_PART(p, token, host->address,
                                   _("'%s' is not an IPv4 address: those are four numbers from 0 to 255, without "
                                     "leading zeros"),
                                   quoted.text);
        if (host->family == LA_IPV6)
                return REFUSE_PART(p, token, host->address, _("'%s' is not an IPv6 address; write inet:%s"),
                                   quoted.text, quoted.text);
        if (numbers < 4 && !host->prefix)
                return REFUSE_PART(p, token, host->address,
                                   _("'%s' is a part of an IPv4 address; write %s/%u for the network"), quoted.text,
                                   quoted.text, numbers * 8);
        if (!parse_prefix(p, token, host, 32, &bits) || !network_test(p, remote, &address, bits, &fragment))
                return false;
        also(p, all, fragment);
        return host->family != LA_IPV4 || also_test(p, all, (struct test){ .kind = TEST_FAMILY, .family = LA_IPV4 });
}

static bool
parse_ipv6(struct parser *p, bool remote, const struct token *token, const struct host *host, struct all_of *all)
{
        struct names_address address = { .family = LA_IPV6 };
        struct quoted quoted = quote(host->address, strlen(host->address));
        struct fragment fragment;
        uint8_t bits;

        if (inet_pton(AF_INET6, host->address, address.bytes) != 1)
                return REFUSE_PART(p, token, host->address, _("'%s' is not an IPv6 address; write [ADDRESS]:PORT"),
                                   quoted.text);
        if (host->family == LA_IPV4)
                return REFUSE_PART(p, token, host->address, _("'%s' is not an IPv4 address; write inet6:[%s]"),
                                   quoted.text, quoted.text);
        if (!parse_prefix(p, token, host, 128, &bits) || !network_test(p, remote, &address, bits, &fragment))
                return false;
        also(p, all, fragment);
        return true;
}

/* A host's name, which stands for any of its addresses. */
static bool
parse_name(struct parser *p, bool remote, const struct token *token, const struct host *host, struct all_of *all)
{
        struct names_address addresses[NAMES_ADDRESSES_MAX];
        struct fragment any = { 0 };
        struct in_addr number;
        const char *why = "";
        size_t count = 0;
        struct quoted quoted = quote(host->address, strlen(host->address));

        if (!*host->address)
                return REFUSE_TOKEN(p, token, _("an address is missing between '[' and ']'"));
        /* What inet_aton() takes, 0x7f.1, would be looked up as if it were an address. */
        if (host->address[strspn(host->address, "0123456789abcdefghijklmnopqrstuvwxyz"
                                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_.")] ||
            inet_aton(host->address, &number))
                return REFUSE_PART(p, token, host->address, _("'%s' is neither an address nor the name of a host"),
                                   quoted.text);
        if (host->prefix)
                return REFUSE_PART(p, token, host->address,
                                   _("'%s' is a name; a prefix length needs an address before it"), quoted.text);
        if (!names_host(host->address, host->family, addresses, &count, &why))
                return REFUSE_PART(p, token, host->address, _("no address found for the host '%s': %s"), quoted.text,
                                   why);
        for (size_t i = 0; i < count; i++) {
                struct fragment one;

                if (!network_test(p, remote, &addresses[i], addresses[i].family == LA_IPV4 ? 32 : 128, &one))
                        return false;
                any = i ? joined_by(p, TOKEN_OR, any, one) : one;
        }
        also(p, all, any);
        return host->family != LA_IPV4 || also_test(p, all, (struct test){ .kind = TEST_FAMILY, .family = LA_IPV4 });
}

static bool
means_any(const struct host *host)
{
        return (!*host->address && !host->bracketed) || !strcmp(host->address, "*") || !strcmp(host->address, "any") ||
               !strcmp(host->address, "all") || !strcmp(host->address, "default");
}

bool
parse_address(struct parser *p, bool remote, const struct token *token, const struct host *host, struct all_of *all)
{
        if (means_any(host)) {
                if (host->prefix)
                        return REFUSE_TOKEN(p, token, _("any address takes no prefix length; write 0.0.0.0/0 or ::/0"));
                return !host->family ||
                       also_test(p, all, (struct test){ .kind = TEST_FAMILY, .family = (enum la_family)host->family });
        }
        if (strchr(host->address, ':'))
                return parse_ipv6(p, remote, token, host, all);
        if (isdigit((unsigned char)host->address[0]) && !host->address[strspn(host->address, "0123456789.")])
                return parse_ipv4(p, remote, token, host, all);
        return parse_name(p, remote, token, host, all);
}
