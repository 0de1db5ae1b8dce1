/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * record.c - all that the doctor looks at, written to a file: the way a bug report is sent.
 *
 * The file appears whole or not at all: it is written under another name beside its place, and then renamed.  What is
 * no ordinary file (a pipe, a terminal) is written to as it is.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <argp.h>

#include "cli/commands.h"
#include "cli/doctor.h"
#include "cli/gettext.h"
#include "cli/options.h"
#include "cli/origin.h"
#include "cli/say_error.h"

enum {
        OPTION_ANONYMIZE = 0x100,
        OPTION_FOR,
        OPTION_IDLE,
        OPTION_NETNS,
        OPTION_STACK,
};

static const struct argp_option option_list[] = {
        { "anonymize", OPTION_ANONYMIZE, NULL, 0,
          N_("Replace each address by another one, the same always by the same; the verdict stays"), 0 },
        { "for", OPTION_FOR, N_("SECONDS"), 0, N_("Look twice, so many seconds apart (3); 0: once, without rates"), 0 },
        { "idle", OPTION_IDLE, N_("SECONDS"), 0, N_("When a connection without keepalive counts as idle (3600)"), 0 },
        { "netns", OPTION_NETNS, N_("NAME|PID"), 0,
          N_("Look into another network namespace: one that 'ip netns' names, or that of a process"), 0 },
        { "stack", OPTION_STACK, N_("NAME"), 0, N_("Record a running stack of lastack instead of Linux"), 0 },
        { 0 },
};

struct record {
        struct doctor_look look;
        const char *path;
        uint32_t idle_ms;
        bool anonymous;
};

static error_t
parse(int key, char *arg, struct argp_state *state)
{
        struct record *r = state->input;

        switch (key) {
        case OPTION_ANONYMIZE:
                r->anonymous = true;
                return 0;
        case OPTION_FOR:
                if (!doctor_seconds(arg, &r->look.for_s))
                        argp_error(state, _("--for takes seconds, from 0 to 3600, not '%s'"), arg);
                return 0;
        case OPTION_IDLE:
                if (!doctor_idle(arg, &r->idle_ms))
                        argp_error(state, _("--idle takes whole seconds, from 1 to 4000000, not '%s'"), arg);
                return 0;
        case OPTION_NETNS:
                r->look.request.netns = options_one_netns(state, arg);
                return 0;
        case OPTION_STACK:
                r->look.request.stack = arg;
                return 0;
        case ARGP_KEY_ARG:
                if (r->path)
                        argp_error(state, _("one FILE is enough: '%s' is one more"), arg);
                r->path = arg;
                return 0;
        case ARGP_KEY_END:
                options_check(state, &r->look.request);
                return 0;
        case ARGP_KEY_NO_ARGS:
                argp_error(state, _("the FILE to write is missing ('-' for standard output)"));
                return 0;
        default:
                return ARGP_ERR_UNKNOWN;
        }
}

static const struct argp record_argp = {
        .options = option_list,
        .parser = parse,
        .args_doc = N_("FILE"),
        .doc = N_("Writes all that the doctor looks at into FILE, for 'lastack doctor --from FILE'.\v"
                  "The file holds addresses, ports, and names of processes, and only its owner may read it."),
};

/* ---- Where it goes ------------------------------------------------------------------------------------------------- */

struct target {
        FILE *file;
        const char *path;
        char *temporary; /* the name it has until it is whole; NULL: written in place */
};

/* What a signal has to take away. */
static char *volatile unfinished;

static void
end_unfinished(int number)
{
        if (unfinished)
                unlink(unfinished);
        signal(number, SIG_DFL);
        raise(number);
}

/* Something is there already, and it is no ordinary file. */
static bool
is_special(const char *path)
{
        struct stat status;

        return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

static int
open_beside(struct target *t)
{
        if (asprintf(&t->temporary, "%s.XXXXXX", t->path) < 0) {
                t->temporary = NULL;
                return -ENOMEM;
        }
        int fd = mkostemp(t->temporary, O_CLOEXEC); /* mode 0600 */
        if (fd < 0) {
                int error = errno;
                free(t->temporary);
                t->temporary = NULL;
                return -error;
        }
        unfinished = t->temporary;
        for (size_t i = 0; i < 3; i++)
                signal((const int[]){ SIGINT, SIGTERM, SIGHUP }[i], end_unfinished);
        t->file = fdopen(fd, "w");
        return t->file ? 0 : -errno;
}

static int
target_open(struct target *t, const char *path)
{
        *t = (struct target){ .path = path };
        if (strcmp(path, "-") == 0) {
                t->file = stdout;
                return 0;
        }
        if (!is_special(path))
                return open_beside(t);
        t->file = fopen(path, "we");
        return t->file ? 0 : -errno;
}

/* Takes away what is not whole. */
static void
target_abandon(struct target *t)
{
        if (t->file && t->file != stdout)
                fclose(t->file);
        if (t->temporary)
                unlink(t->temporary);
        free(t->temporary);
}

static int
target_finish(struct target *t)
{
        int r = fflush(t->file) == 0 && !ferror(t->file) ? 0 : -errno;

        if (r == 0 && t->temporary && fsync(fileno(t->file)) < 0)
                r = -errno;
        if (t->file != stdout && fclose(t->file) != 0 && r == 0)
                r = -errno;
        t->file = NULL;
        if (r == 0 && t->temporary && rename(t->temporary, t->path) < 0)
                r = -errno;
        if (r == 0) {
                unfinished = NULL;
                free(t->temporary);
                t->temporary = NULL;
        }
        return r;
}

/* ---- What goes there ----------------------------------------------------------------------------------------------- */

static int
begin(struct recording *r, const char *stack, uint32_t idle_ms)
{
        struct utsname system = { .release = "?" };
        char now[32] = "?";
        time_t t = time(NULL);
        struct tm utc;

        uname(&system);
        if (gmtime_r(&t, &utc))
                strftime(now, sizeof(now), "%FT%TZ", &utc);
        if (r->anonymous && getrandom(r->key, sizeof(r->key), 0) != sizeof(r->key))
                return -errno;
        return recording_head(r,
                              &(struct recording_head){
                                      .kernel = system.release, .idle_ms = idle_ms, .created = now, .stack = stack });
}

static int
complain(const char *path, int error)
{
        say_error(_("cannot write the recording %s: %s\n"), path, strerror(-error));
        return EXIT_OUTPUT;
}

/* An error of the file is told from one of the sockets: stdio remembers its own. */
static int
fill(const struct record *record, struct target *t, struct evidence *e)
{
        struct recording recording = { .file = t->file, .anonymous = record->anonymous };
        struct witness w = { .evidence = e, .recording = &recording };
        struct collect_report report;
        int r = begin(&recording, record->look.request.stack, e->idle_ms);

        if (r < 0)
                return complain(record->path, r);
        r = doctor_look(&record->look, &w, &report);
        if (r < 0 && !ferror(t->file))
                return origin_complain(&record->look.request, r);
        if (r == 0)
                r = recording_end(&recording, &(struct recording_end){ .source = e->source,
                                                                       .missing = e->missing,
                                                                       .owners_hidden = e->owners_hidden,
                                                                       .inconsistent = e->inconsistent });
        if (r == 0)
                r = target_finish(t);
        return r < 0 ? complain(record->path, r) : EXIT_OK;
}

int
command_record(int argc, char **argv)
{
        static struct evidence evidence; /* too large for a stack */
        struct record record = { .look.for_s = DOCTOR_FOR_S, .idle_ms = DOCTOR_IDLE_S * 1000 };
        struct target target;

        argp_parse(&record_argp, argc, argv, 0, NULL, &record);
        int r = target_open(&target, record.path);
        if (r < 0)
                return complain(record.path, r);
        evidence_init(&evidence, record.idle_ms);
        int status = fill(&record, &target, &evidence);
        if (status != EXIT_OK)
                target_abandon(&target);
        evidence_fini(&evidence);
        return status;
}
