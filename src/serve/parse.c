/* SPDX-License-Identifier: BSD-2-Clause */
/* What follows --serve and --forward, and what is wrong with it. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <libintl.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "serve/serve.h"

#define _(text) gettext(text)

#define UNIX_PREFIX "unix:"

struct complaint {
        char *text;
        size_t room;
};

static int
complain(const struct complaint *to, int error, const char *format, ...) __attribute__((format(printf, 3, 4)));

static int
complain(const struct complaint *to, int error, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        vsnprintf(to->text, to->room, format, arguments);
        va_end(arguments);
        return error;
}

/* ---- Ports ---- */

static bool
is_range(const char *text, size_t n)
{
        const char *dash = memchr(text, '-', n);

        return dash && dash > text && dash + 1 < text + n && isdigit((unsigned char)text[0]) &&
               isdigit((unsigned char)dash[1]);
}

/* 1 to 65535, digits only; 0 if it is none. */
static uint16_t
port_number(const char *text, size_t n)
{
        unsigned long port = 0;

        if (n == 0 || n > 5)
                return 0;
        for (size_t i = 0; i < n; i++) {
                if (!isdigit((unsigned char)text[i]))
                        return 0;
                port = port * 10 + (unsigned long)(text[i] - '0');
        }
        return port <= 65535 ? (uint16_t)port : 0;
}

static int
parse_port(const char *text, size_t n, const struct complaint *to, uint16_t *ret_port)
{
        uint16_t port = port_number(text, n);

        if (port == 0 && is_range(text, n))
                return complain(to, -EINVAL, _("'%.*s' is a range of ports; write the option once for each port"),
                                (int)n, text);
        if (port == 0)
                return complain(to, -EINVAL, _("'%.*s' is no port: a number from 1 to 65535 is"), (int)n, text);
        *ret_port = port;
        return 0;
}

/* ---- --serve ---- */

#define EXAMPLES "echo=7, discard=9, chargen=19, http=80:DIR"

static const enum serve_kind servable[] = { SERVE_ECHO, SERVE_DISCARD, SERVE_CHARGEN, SERVE_HTTP };

static int
parse_kind(const char *text, size_t n, const struct complaint *to, enum serve_kind *ret_kind)
{
        for (size_t i = 0; i < sizeof servable / sizeof servable[0]; i++) {
                const char *name = serve_kind_name(servable[i]);

                if (strlen(name) == n && memcmp(name, text, n) == 0) {
                        *ret_kind = servable[i];
                        return 0;
                }
        }
        if (port_number(text, n) != 0)
                return complain(to, -EINVAL, _("'%s' begins with a port: to carry it elsewhere use --forward %s"), text,
                                text);
        return complain(to, -EINVAL, _("'%.*s' is no service; there are %s"), (int)n, text, EXAMPLES);
}

/* It is opened again when the service starts; that it can be is found out now. */
static int
check_directory(const char *path, const struct complaint *to)
{
        int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (fd < 0)
                return complain(to, -errno, _("the directory '%s' cannot be served: %s"), path, strerror(errno));
        close(fd);
        return 0;
}

static int
parse_directory(const char *text, const char *directory, struct serve_request *request, const struct complaint *to)
{
        if (!directory || *directory == '\0')
                return complain(to, -EINVAL, _("'%s' does not say which directory: http=%u:DIR"), text, request->port);
        if (strlen(directory) >= sizeof request->target)
                return complain(to, -ENAMETOOLONG, _("'%s' is too long a path"), directory);
        strcpy(request->target, directory);
        return check_directory(directory, to);
}

static int
parse_servable(const char *text, const char *equals, struct serve_request *request, const struct complaint *to)
{
        const char *colon = strchr(equals + 1, ':');
        const char *end = colon ? colon : equals + strlen(equals);
        int r = parse_kind(text, (size_t)(equals - text), to, &request->kind);

        if (r == 0)
                r = parse_port(equals + 1, (size_t)(end - equals - 1), to, &request->port);
        if (r < 0)
                return r;
        if (request->kind == SERVE_HTTP)
                return parse_directory(text, colon ? colon + 1 : NULL, request, to);
        if (colon)
                return complain(to, -EINVAL, _("'%s': %s takes a port and nothing else: %s=%u"), text,
                                serve_kind_name(request->kind), serve_kind_name(request->kind), request->port);
        return 0;
}

int
serve_parse(const char *text, struct serve_request *ret_request, char *error, size_t room)
{
        const struct complaint to = { error, room };
        const char *equals = strchr(text, '=');
        struct serve_request request = { 0 };
        int r;

        if (!equals)
                return complain(&to, -EINVAL, _("'%s' is not NAME=PORT, as in %s"), text, EXAMPLES);
        r = parse_servable(text, equals, &request, &to);
        if (r == 0)
                *ret_request = request;
        return r;
}

/* ---- --forward ---- */

#define FORWARDS "8080=127.0.0.1:80, 8080=[::1]:80, 8080=HOST:80, 8080=unix:/PATH"

static int
parse_unix(const char *path, struct serve_request *request, const struct complaint *to)
{
        struct sockaddr_un *local = &request->address[0].socket.local;

        if (*path != '/')
                return complain(to, -EINVAL, _("'%s' is no path of a socket: it must begin with '/'"), path);
        if (strlen(path) >= sizeof local->sun_path)
                return complain(to, -ENAMETOOLONG, _("'%s' is too long for the path of a socket: at most %zu bytes"),
                                path, sizeof local->sun_path - 1);
        local->sun_family = AF_UNIX;
        strcpy(local->sun_path, path);
        request->address[0].bytes = sizeof *local;
        request->addresses = 1;
        return 0;
}

static void
take_addresses(const struct addrinfo *found, struct serve_request *request)
{
        for (; found && request->addresses < SERVE_ADDRESSES_MAX; found = found->ai_next) {
                struct serve_address *a = &request->address[request->addresses];

                if (found->ai_addrlen > sizeof a->socket)
                        continue;
                memcpy(&a->socket, found->ai_addr, found->ai_addrlen);
                a->bytes = found->ai_addrlen;
                request->addresses++;
        }
}

static int
look_up(const char *host, const char *port, struct serve_request *request, const struct complaint *to)
{
        const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV };
        struct addrinfo *found = NULL;
        int r = getaddrinfo(host, port, &hints, &found);

        if (r == EAI_SYSTEM)
                return complain(to, -errno, _("the host '%s' cannot be looked up: %s"), host, strerror(errno));
        if (r != 0)
                return complain(to, -EINVAL, _("the host '%s' cannot be looked up: %s"), host, gai_strerror(r));
        take_addresses(found, request);
        freeaddrinfo(found);
        return 0;
}

/* [::1]:80 or HOST:80; the last colon parts them.  Who wrote ::1:80 is told about brackets. */
static int
parse_host(const char *target, struct serve_request *request, const struct complaint *to)
{
        const char *colon = strrchr(target, ':');
        size_t n = colon ? (size_t)(colon - target) : 0;
        bool brackets = n >= 2 && target[0] == '[' && target[n - 1] == ']';
        char host[SERVE_TARGET_SIZE];
        uint16_t port;
        int r;

        if (n == 0)
                return complain(to, -EINVAL, _("'%s' is not HOST:PORT, as in %s"), target, FORWARDS);
        if (!brackets && memchr(target, ':', n))
                return complain(to, -EINVAL, _("'%s': an IPv6 address stands in brackets: [ADDRESS]:PORT"), target);
        r = parse_port(colon + 1, strlen(colon + 1), to, &port);
        if (r < 0)
                return r;
        snprintf(host, sizeof host, "%.*s", (int)(brackets ? n - 2 : n), target + (brackets ? 1 : 0));
        return look_up(host, colon + 1, request, to);
}

static int
parse_target(const char *target, struct serve_request *request, const struct complaint *to)
{
        if (strlen(target) >= sizeof request->target)
                return complain(to, -ENAMETOOLONG, _("'%s' is too long a target"), target);
        strcpy(request->target, target);
        if (strncmp(target, UNIX_PREFIX, strlen(UNIX_PREFIX)) == 0)
                return parse_unix(target + strlen(UNIX_PREFIX), request, to);
        return parse_host(target, request, to);
}

int
serve_parse_forward(const char *text, struct serve_request *ret_request, char *error, size_t room)
{
        const struct complaint to = { error, room };
        const char *equals = strchr(text, '=');
        struct serve_request request = { .kind = SERVE_FORWARD };
        int r;

        if (!equals)
                return complain(&to, -EINVAL, _("'%s' is not PORT=TARGET, as in %s"), text, FORWARDS);
        r = parse_port(text, (size_t)(equals - text), &to, &request.port);
        if (r == 0)
                r = parse_target(equals + 1, &request, &to);
        if (r == 0)
                *ret_request = request;
        return r;
}

/* ---- Several ---- */

int
serve_check_ports(const struct serve_request *requests, size_t n, char *error, size_t room)
{
        const struct complaint to = { error, room };

        for (size_t i = 1; i < n; i++)
                for (size_t j = 0; j < i; j++)
                        if (requests[i].port == requests[j].port)
                                return complain(&to, -EEXIST,
                                                _("port %u is asked for twice, by %s and %s; give one of them another"),
                                                requests[i].port, serve_kind_name(requests[j].kind),
                                                serve_kind_name(requests[i].kind));
        return 0;
}
