/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/options.h"
#include "cli/commands.h"
#include "cli/gettext.h"
#include "cli/say_error.h"
#include "cli/terminal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
        OPTION_NETNS = 0x100,
        OPTION_SOURCE,
        OPTION_STACK,
};

static const struct argp_option option_list[] = {
        { "json", 'j', NULL, 0, N_("JSON, for machines"), 0 },
        { "ipv4", '4', NULL, 0, N_("Only IPv4 sockets"), 0 },
        { "ipv6", '6', NULL, 0, N_("Only IPv6 sockets, IPv4-mapped ones included"), 0 },
        { "netns", OPTION_NETNS, N_("all|NAME|PID"), 0,
          N_("Look into another network namespace: one that 'ip netns' names, that of a process, or all of them"), 0 },
        { "source", OPTION_SOURCE, N_("auto|netlink|proc"), 0,
          N_("Where to ask: the kernel's sock_diag, or /proc/net/tcp where that is refused (auto)"), 0 },
        { "stack", OPTION_STACK, N_("NAME"), 0, N_("Look at a running stack of lastack instead of at Linux"), 0 },
        { 0 },
};

const char *
options_one_netns(struct argp_state *state, char *arg)
{
        if (*arg == '\0' || strcmp(arg, "all") == 0)
                argp_error(state, _("--netns needs one namespace: a name or a process id"));
        return arg;
}

void
options_source(struct argp_state *state, const char *arg, struct collect_request *request)
{
        if (strcmp(arg, "auto") != 0 && strcmp(arg, "netlink") != 0 && strcmp(arg, "proc") != 0)
                argp_error(state, _("--source is 'auto', 'netlink' or 'proc', not '%s'"), arg);
        request->proc_only = strcmp(arg, "proc") == 0;
        request->netlink_only = strcmp(arg, "netlink") == 0;
}

void
options_check(struct argp_state *state, const struct collect_request *request)
{
        bool source = request->proc_only || request->netlink_only;

        if (request->stack && (request->netns || source))
                argp_error(state, _("%s is about Linux's sockets, and --stack about others"),
                           request->netns ? "--netns" : "--source");
}

static error_t
parse(int key, char *arg, struct argp_state *state)
{
        struct options *o = state->input;

        switch (key) {
        case 'j':
                o->json = true;
                return 0;
        case '4':
                o->request.ipv4 = true;
                return 0;
        case '6':
                o->request.ipv6 = true;
                return 0;
        case OPTION_NETNS:
                if (*arg == '\0')
                        argp_error(state, _("--netns needs 'all', a name or a process id"));
                o->request.netns = arg;
                return 0;
        case OPTION_SOURCE:
                options_source(state, arg, &o->request);
                return 0;
        case OPTION_STACK:
                o->request.stack = arg;
                return 0;
        case ARGP_KEY_END:
                options_check(state, &o->request);
                return 0;
        default:
                return ARGP_ERR_UNKNOWN;
        }
}

const struct argp options_argp = { .options = option_list, .parser = parse };

static void
say(const struct options *o, const char *what, const struct filter_error *error)
{
        struct terminal terminal = terminal_of(stderr);
        char excerpt[1024];

        filter_error_show(o->filter_text, error, terminal.width, excerpt, sizeof(excerpt));
        say_error("%s: %s\n%s", what, error->message, excerpt);
}

static int
look_up_in(const struct netns *netns, struct filter *filter)
{
        struct netns_visit visit;
        int r = netns_enter(netns->fd, &visit), back;

        if (r < 0)
                return 0; /* nor will its sockets be seen */
        r = filter_look_up(filter, netns->inode);
        back = netns_leave(&visit);
        return r < 0 ? r : back;
}

static int
look_up_everywhere(struct filter *filter, struct filter_error *ret_error)
{
        struct netns_list list;
        int r = 0;

        if (!(filter_needs(filter) & FILTER_NEEDS_LOOK_UP) || netns_list_open("all", &list) < 0)
                return 0;
        for (size_t i = 0; i < list.count && r == 0; i++)
                r = look_up_in(&list.netns[i], filter);
        netns_list_close(&list);
        return r == 0 && filter_unknown(filter, ret_error) ? -EINVAL : r;
}

static int
parse_for_all(const char *text, struct filter **ret_filter, struct filter_error *ret_error)
{
        struct filter *filter;
        int r = filter_parse_for_many(text, &filter, ret_error);

        if (r < 0)
                return r;
        r = look_up_everywhere(filter, ret_error);
        if (r < 0)
                filter_free(filter);
        else
                *ret_filter = filter;
        return r;
}

/* Names of interfaces are those of the namespace that is looked into.  If that one cannot be entered, whoever looks
 * into it will say so. */
static int
parse_where_it_counts(const struct options *o, struct filter **ret_filter, struct filter_error *ret_error)
{
        const char *which = o->request.netns;
        struct netns_list list;
        struct netns_visit visit;
        int r, there, back = 0;

        if (which && strcmp(which, "all") == 0)
                return parse_for_all(o->filter_text, ret_filter, ret_error);
        if (!which || netns_list_open(which, &list) < 0)
                return filter_parse(o->filter_text, ret_filter, ret_error);
        there = netns_enter(list.netns[0].fd, &visit);
        r = filter_parse(o->filter_text, ret_filter, ret_error);
        if (there == 0)
                back = netns_leave(&visit);
        netns_list_close(&list);
        return r == 0 && back < 0 ? back : r;
}

/* A stack has its own network: what a filter would look up in this host's namespace means nothing there. */
static int
check_for_stack(const struct options *o)
{
        const uint32_t strange = FILTER_NEEDS_LOOK_UP | FILTER_NEEDS_NETNS | FILTER_NEEDS_MARK | FILTER_NEEDS_CGROUP;
        struct filter *filter;
        struct filter_error error;
        int r = o->request.stack ? filter_parse_for_many(o->filter_text, &filter, &error) : -EINVAL;

        if (r < 0)
                return 0; /* what is wrong with it comes out below */
        r = filter_needs(filter) & strange ? -ENOTSUP : 0;
        filter_free(filter);
        return r;
}

void
options_filter(struct options *o)
{
        struct filter *filter;
        struct filter_error error;
        int r;

        if (!o->filter_text)
                return;
        if (check_for_stack(o) < 0) {
                say_error(_(
                        "filter: a stack has no interfaces, marks, cgroups or network namespaces, and its own "
                        "local ports: 'dev', 'fwmark', 'cgroup', 'netns', 'autobound' and 'pid = NAME' are for Linux's "
                        "sockets\n"));
                exit(EXIT_USAGE);
        }
        r = parse_where_it_counts(o, &filter, &error);
        if (r == -EINVAL) {
                say(o, _("filter"), &error);
                exit(EXIT_USAGE);
        }
        if (r < 0) {
                say_error(_("cannot read the filter: %s\n"), strerror(-r));
                exit(EXIT_NOT_TOLD);
        }
        if (filter_note(filter, &error))
                say(o, _("note"), &error);
        o->request.filter = filter;
}

void
options_fini(struct options *o)
{
        free(o->filter_text);
        filter_free((struct filter *)o->request.filter);
}
