/* SPDX-License-Identifier: BSD-2-Clause */
#include "tune/gather.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "linux/dump.h"
#include "linux/file.h"
#include "linux/netns.h"
#include "linux/owners.h"
#include "linux/tunable.h"
#include "tune/gettext.h"

static int
look_at(int netns_fd, struct tune_evidence *e, const char *name)
{
        char *path, *text = NULL;
        int error;

        if (tune_live(e, name) || strpbrk(name, "*?["))
                return 0;
        path = tune_name_path(name);
        error = path ? tunable_read(netns_fd, path, &text) : -ENOMEM;
        free(path);
        if (error == -ENOTDIR || error == -EISDIR)
                error = -ENOENT;
        return error != -ENOMEM && tune_evidence_add(e, name, error, error == 0 ? text : NULL) ? 0 : -ENOMEM;
}

#define NAMED_MOST 3

/* "2 tunables here: net.ipv4.tcp_retries1, net.ipv4.tcp_retries2"; NULL for none. */
static char *
names_of(const glob_t *found)
{
        char *text = NULL, *name;
        size_t size;
        FILE *file = found->gl_pathc > 0 ? open_memstream(&text, &size) : NULL;

        if (!file)
                return NULL;
        fprintf(file, ngettext("%zu tunable here: ", "%zu tunables here: ", found->gl_pathc), found->gl_pathc);
        for (size_t i = 0; i < found->gl_pathc && i < NAMED_MOST; i++) {
                name = tune_name_path(found->gl_pathv[i] + strlen("/proc/sys/")); /* it is its own inverse */
                fprintf(file, "%s%s", i > 0 ? ", " : "", name ? name : "?");
                free(name);
        }
        fputs(found->gl_pathc > NAMED_MOST ? ", ..." : "", file);
        fclose(file);
        return text;
}

/* What a pattern means here. */
static int
look_for(int netns_fd, struct tune_evidence *e, const char *pattern)
{
        char *path = tune_name_path(pattern), *whole = NULL, *text = NULL;
        glob_t found = { 0 };
        struct netns_visit visit;
        int r;

        if (!path || asprintf(&whole, "/proc/sys/%s", path) < 0)
                whole = NULL;
        if (whole && !strstr(whole, "..") && netns_enter(netns_fd, &visit) == 0) {
                if (glob(whole, 0, NULL, &found) == 0)
                        text = names_of(&found);
                r = netns_leave(&visit);
                globfree(&found);
                if (r < 0)
                        abort(); /* nothing may go on in the wrong namespace */
        }
        free(whole);
        free(path);
        return tune_evidence_add(e, pattern, text ? 0 : -ENOENT, text) ? 0 : -ENOMEM;
}

static int
look_at_all(int netns_fd, const struct tune_conf *conf, struct tune_evidence *e)
{
        const struct la_advice *a;
        int r = 0;

        for (unsigned int i = 0; i < LA_KNOB_COUNT && r == 0; i++)
                r = look_at(netns_fd, e, la_knob_info((enum la_knob)i)->name);
        for (size_t i = 0; (a = la_advice(i)) && r == 0; i++)
                r = look_at(netns_fd, e, a->name);
        for (size_t i = 0; i < conf->count && r == 0; i++)
                r = conf->setting[i].pattern && !tune_live(e, conf->setting[i].name)
                            ? look_for(netns_fd, e, conf->setting[i].name)
                            : look_at(netns_fd, e, conf->setting[i].name);
        return r;
}

/* ---- Sockets ---- */

static int
add_listener(struct tune_evidence *e, const struct la_snapshot *s, const struct owners *owners)
{
        struct tune_listener l = { .port = s->local.port,
                                   .limit_known = (s->known & LA_KNOWN_QUEUE_LIMIT) != 0,
                                   .limit = s->send_queue };
        uint32_t count = 0;
        const struct la_owner *owner = owners && s->known & LA_KNOWN_INODE ? owners_of(owners, s->inode, &count) : NULL;

        if (count > 0) {
                l.pid = owner->pid;
                snprintf(l.comm, sizeof(l.comm), "%s", owner->comm);
        }
        if (e->listener_count == e->listener_capacity) {
                size_t capacity = e->listener_capacity ? 2 * e->listener_capacity : 16;
                struct tune_listener *grown = realloc(e->listener, capacity * sizeof(*grown));
                if (!grown)
                        return -ENOMEM;
                e->listener = grown;
                e->listener_capacity = capacity;
        }
        e->listener[e->listener_count++] = l;
        return 0;
}

static int
add_socket(struct tune_evidence *e, const struct la_snapshot *s, const struct owners *owners)
{
        if (s->state == LA_LISTEN)
                return add_listener(e, s, owners);
        if (s->state == LA_TIME_WAIT)
                e->time_wait++;
        if (s->state == LA_ESTABLISHED && s->known & LA_KNOWN_TCP) {
                e->established++;
                e->without_timestamps += s->tcp.timestamps ? 0 : 1;
        }
        return 0;
}

static void
forget_sockets(struct tune_evidence *e)
{
        e->listener_count = 0;
        e->established = e->without_timestamps = e->time_wait = 0;
}

static int
walk(struct dump *dump, struct tune_evidence *e, const struct owners *owners)
{
        struct la_snapshot snapshot = { 0 };
        int r;

        while ((r = dump_next(dump, &snapshot)) != DUMP_END) {
                if (r < 0)
                        return r;
                if (r == DUMP_RESTARTED)
                        forget_sockets(e);
                else if (add_socket(e, &snapshot, owners) < 0)
                        return -ENOMEM;
        }
        return 0;
}

static int
look_at_sockets(int netns_fd, struct tune_evidence *e)
{
        struct dump_request request = {
                .states = 1u << LA_LISTEN | 1u << LA_ESTABLISHED | 1u << LA_TIME_WAIT,
                .want = DUMP_WANT_TCP,
                .netns_fd = netns_fd,
        };
        struct owners *owners = NULL;
        struct dump *dump;
        int r;

        if (dump_open(&request, &dump) < 0)
                return 0;
        (void)owners_collect(&owners);
        r = walk(dump, e, owners);
        dump_close(dump);
        owners_free(owners);
        if (r == 0)
                e->sockets_known = true;
        else
                forget_sockets(e);
        return r == -ENOMEM ? r : 0;
}

/* ---- The kernel ---- */

/* iptables tells its tables; what nft does is not to be had without asking it, but the module counts its users. */
static bool
translates_addresses(int netns_fd)
{
        char *text;
        size_t size;
        bool found = false;
        unsigned int users = 0;
        const char *module;

        if (file_read_proc_net(netns_fd, "ip_tables_names", &text, &size) == 0) {
                found = strstr(text, "nat\n") != NULL;
                free(text);
        }
        if (!found && file_read(netns_fd, "/proc/modules", &text, &size) == 0) {
                module = strstr(text, "nf_nat ");
                found = module && sscanf(module, "nf_nat %*u %u", &users) == 1 && users > 0;
                free(text);
        }
        return found;
}

static void
look_at_kernel(int netns_fd, struct tune_evidence *e)
{
        struct utsname name;
        long pages = sysconf(_SC_PHYS_PAGES);
        char *count;

        if (uname(&name) == 0) {
                snprintf(e->release, sizeof(e->release), "%s", name.release);
                sscanf(name.release, "%9u.%9u", &e->major, &e->minor);
        }
        e->memory_pages = pages > 0 ? (uint64_t)pages : 0;
        e->first_netns = tune_live_text(e, "net.ipv4.tcp_mem") != NULL;
        e->conntrack = -1;
        if (tunable_read(netns_fd, "net/netfilter/nf_conntrack_count", &count) == 0) {
                e->conntrack = atoll(count);
                free(count);
        }
        e->nat = translates_addresses(netns_fd);
}

int
tune_gather(int netns_fd, const struct tune_conf *conf, bool sockets, struct tune_evidence *ret)
{
        struct tune_evidence e = { 0 };
        int r = look_at_all(netns_fd, conf, &e);

        if (r == 0) {
                look_at_kernel(netns_fd, &e);
                r = sockets ? look_at_sockets(netns_fd, &e) : 0;
        }
        if (r < 0)
                tune_evidence_fini(&e);
        else
                *ret = e;
        return r;
}
