/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * host.c - the operand of dst and src, and of dport and sport.
 *
 *         HOST = [ "inet:" | "inet6:" ] ADDRESS [ "%" INTERFACE ] [ "/" PREFIX ] [ ":" PORT ]
 *         PORT = [ "inet:" | "inet6:" ] [ "*" ] [ ":" ] ( NUMBER | SERVICE | "*" )
 *
 * ADDRESS is an IPv4 address, of which parts may be left out before a prefix (10/8); an IPv6 address, in brackets
 * with or without the prefix inside, or bare where that leaves no doubt; a host's name; or nothing, "*", "any", "all"
 * or "default" for any.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

#include "filter/host.h"
#include "filter/names.h"
#include "filter/operand.h"
#include "filter/varying.h"

void
also(struct parser *p, struct all_of *all, struct fragment fragment)
{
        all->fragment = all->begun ? joined_by(p, TOKEN_AND, all->fragment, fragment) : fragment;
        all->begun = true;
}

bool
also_test(struct parser *p, struct all_of *all, struct test test)
{
        struct fragment fragment;

        if (!emit(p, test, &fragment))
                return false;
        also(p, all, fragment);
        return true;
}

/* ---- Cutting the word up ---------------------------------------------------------------------------------------- */

static bool
is_ipv6(const char *text)
{
        uint8_t bytes[16];

        return inet_pton(AF_INET6, text, bytes) == 1;
}

/* Takes "inet:" or "inet6:" off. */
static bool
cut_family(struct parser *p, const struct token *token, char **rest, int *ret_family)
{
        static const char *const foreign[] = { "unix:", "link:", "packet:", "netlink:", "vsock:", "tipc:", "xdp:" };

        if (!strncmp(*rest, "inet:", 5)) {
                *ret_family = LA_IPV4;
                *rest += 5;
        } else if (!strncmp(*rest, "inet6:", 6)) {
                *ret_family = LA_IPV6;
                *rest += 6;
        }
        for (size_t i = 0; i < COUNT(foreign); i++)
                if (!strncmp(*rest, foreign[i], strlen(foreign[i])))
                        return REFUSE_TOKEN(p, token, _("'%s' is no family of TCP; there are 'inet:' and 'inet6:'"),
                                            foreign[i]);
        return true;
}

/* Cuts "%INTERFACE", "/PREFIX" and ":PORT" off what follows an address. */
static bool
cut_tail(struct parser *p, const struct token *token, struct host *host, char *tail)
{
        while (*tail) {
                char **part = *tail == '%' ? &host->interface : *tail == '/' ? &host->prefix : &host->port;
                const char *end = *tail == ':' ? "" : "%/:";

                if (!strchr("%/:", *tail) || *part)
                        return REFUSE_PART(p, token, tail, _("'%s' is too much; write ADDRESS/PREFIX:PORT"),
                                           quote(tail, strlen(tail)).text);
                *tail++ = '\0';
                *part = tail;
                tail += *end ? strcspn(tail, end) : strlen(tail);
        }
        return true;
}

static bool
cut_brackets(struct parser *p, const struct token *token, struct host *host, char *rest)
{
        char *close = strchr(rest, ']');

        if (!close)
                return REFUSE_TOKEN(p, token, _("this '[' is never closed; write [ADDRESS] or [ADDRESS]:PORT"));
        host->bracketed = true;
        host->address = rest + 1;
        *close = '\0';
        return cut_tail(p, token, host, host->address + strcspn(host->address, "%/")) &&
               cut_tail(p, token, host, close + 1);
}

/* An address with colons in it and no brackets around: where does it end?  As ss has it, at the last colon; unless it
 * is no address without the rest and is one with it. */
static bool
cut_colons(struct parser *p, const struct token *token, struct host *host, char *last)
{
        bool whole = is_ipv6(host->address), part;

        *last = '\0';
        part = is_ipv6(host->address);
        if (whole && part && is_number(last + 1)) {
                refuse(p, token->offset, token->length, _("this can be read in two ways; write [%s]:%s or [%s:%s]"),
                       host->address, last + 1, host->address, last + 1);
                return false;
        }
        if (whole)
                *last = ':';
        else
                host->port = last + 1;
        return true;
}

static bool
cut_host(struct parser *p, const struct token *token, struct host *host)
{
        char *rest = token->word, *last;

        if (!cut_family(p, token, &rest, &host->family))
                return false;
        if (*rest == '[')
                return cut_brackets(p, token, host, rest);
        host->address = rest;
        if (strpbrk(rest, "%/"))
                return cut_tail(p, token, host, rest + strcspn(rest, "%/"));
        last = strrchr(rest, ':');
        if (last && strchr(rest, ':') != last)
                return cut_colons(p, token, host, last);
        if (last) {
                *last = '\0';
                host->port = last + 1;
        }
        return true;
}

/* ---- Putting it together ---------------------------------------------------------------------------------------- */

/* A port's number or name, without the ':' before it. */
static bool
port_value(struct parser *p, const struct token *token, const char *port, uint64_t *ret_value)
{
        uint16_t number;

        if (is_number(port))
                return parse_number(p, token, port, UINT16_MAX, ret_value);
        if (!*port)
                return REFUSE_TOKEN(p, token, _("a port is missing after ':'; write a number, a service or *"));
        if (!isalnum((unsigned char)*port) || !names_service(port, &number))
                return REFUSE_PART(p, token, port,
                                   _("'%s' is neither a port nor a service in /etc/services; ports go from 0 to 65535"),
                                   quote(port, strlen(port)).text);
        *ret_value = number;
        return true;
}

/* The test of `operator` and the port; for "*" none. */
static bool
also_port(struct parser *p, bool remote, enum token_kind comparison, const struct token *token, const char *port,
          struct all_of *all)
{
        struct test test = { .kind = TEST_PORT, .remote = remote };
        uint64_t value;

        if (!strcmp(port, "*")) {
                if (comparison == TOKEN_EQ || comparison == TOKEN_NE)
                        return true;
                return REFUSE_TOKEN(p, token, _("any port is neither above nor below another; write a number"));
        }
        if (!port_value(p, token, port, &value))
                return false;
        test.range = range_of(comparison, value);
        return also_test(p, all, test);
}

/* All that was asked for, which may be nothing. */
static bool
finish(struct parser *p, struct all_of *all, struct fragment *ret_fragment)
{
        if (!all->begun && !also_test(p, all, (struct test){ .kind = TEST_ANY }))
                return false;
        *ret_fragment = all->fragment;
        return true;
}

static bool
also_interface(struct parser *p, const struct token *token, const char *name, struct all_of *all)
{
        struct test test;

        return test_interface(p, token, name, RANGE_EMPTY, &test) && also_test(p, all, test);
}

bool
operand_host(struct parser *p, const struct operand *operand, struct fragment *ret_fragment)
{
        const struct token *token = operand->token;
        struct host host = { 0 };
        struct all_of all = { .begun = false };

        return cut_host(p, token, &host) && parse_address(p, operand->remote, token, &host, &all) &&
               (!host.interface || also_interface(p, token, host.interface, &all)) &&
               (!host.port || also_port(p, operand->remote, TOKEN_EQ, token, host.port, &all)) &&
               finish(p, &all, ret_fragment);
}

bool
operand_port(struct parser *p, const struct operand *operand, struct fragment *ret_fragment)
{
        struct all_of all = { .begun = false };
        const struct token *token = operand->token;
        char *port = token->word;
        int family = 0;

        if (!cut_family(p, token, &port, &family))
                return false;
        if (port[0] == '*' && port[1] == ':')
                port++;
        if (port[0] == ':')
                port++;
        if (strpbrk(port, ":.[/"))
                return REFUSE_TOKEN(p, token,
                                    _("a port alone is wanted, such as :443; 'dst' and 'src' take addresses"));
        if (family && !also_test(p, &all, (struct test){ .kind = TEST_FAMILY, .family = (enum la_family)family }))
                return false;
        return also_port(p, operand->remote, operand->comparison, token, port, &all) && finish(p, &all, ret_fragment);
}
