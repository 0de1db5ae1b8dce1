/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tune_lint.c - sysctl.conf, line by line.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/gettext.h"
#include "cli/json.h"
#include "cli/prose.h"
#include "cli/say_error.h"
#include "cli/tune.h"
#include "cli/tune_change.h"

#define FILE_MOST ((size_t)1 << 20)
#define INDENT    6
#define LABEL     12

struct lint {
        const struct tune_request *request;
        struct tune_conf conf;
        struct tune_evidence evidence;
        struct tune_rehearsal *rehearsal;
        struct tune_judgement *judged;
        size_t in_verdict[TUNE_DANGEROUS + 1];
        int severity;
};

/* ---- Reading ---- */

/* Returns 0 and *ret_text, to be freed; or a negative errno. */
static int
read_whole(FILE *file, char **ret_text, size_t *ret_size)
{
        char *text = NULL, *grown;
        size_t room = 0, size = 0;

        errno = 0;
        do {
                if (size == room) {
                        room = room ? 2 * room : 1 << 14;
                        grown = room <= FILE_MOST ? realloc(text, room) : NULL;
                        if (!grown) {
                                free(text);
                                return room > FILE_MOST ? -EFBIG : -ENOMEM;
                        }
                        text = grown;
                }
                size += fread(text + size, 1, room - size, file);
        } while (!feof(file) && !ferror(file));
        if (ferror(file)) {
                free(text);
                return errno ? -errno : -EIO;
        }
        *ret_text = text;
        *ret_size = size;
        return 0;
}

static bool
is_utf16(const char *text, size_t size)
{
        return size >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0);
}

static int
read_file(struct lint *l, unsigned int number, const char *name)
{
        bool standard = strcmp(name, "-") == 0;
        FILE *file = standard ? stdin : fopen(name, "re");
        char *text = NULL;
        size_t size;
        int r;

        if (!file)
                return -errno;
        r = read_whole(file, &text, &size);
        if (r == 0)
                r = is_utf16(text, size) ? -EUCLEAN : tune_conf_read(&l->conf, number, text, size);
        free(text);
        if (!standard)
                fclose(file);
        return r;
}

/* In words that help. */
static const char *
why_not_read(int error)
{
        if (error == -EILSEQ)
                return _("it is no text: there are NUL bytes in it");
        if (error == -EUCLEAN)
                return _("it is UTF-16, which sysctl does not read: save it as UTF-8, without a byte order mark");
        if (error == -EFBIG)
                return _("it is larger than 1 MiB, which no file of settings is");
        return strerror(-error);
}

static int
read_files(struct lint *l)
{
        for (size_t i = 0; i < l->request->word_count; i++) {
                int r = read_file(l, (unsigned int)i, l->request->words[i]);
                if (r == -ENOMEM)
                        return say_no_memory();
                if (r < 0) {
                        say_error(_("cannot read %s: %s\n"), l->request->words[i], why_not_read(r));
                        return TUNE_EXIT_NO_INPUT;
                }
        }
        return 0;
}

/* ---- Judging ---- */

static int
judge(struct lint *l, int netns_fd)
{
        int r = tune_gather(netns_fd, &l->conf, true, &l->evidence);

        if (r < 0)
                return say_no_memory();
        l->rehearsal = tune_rehearse(&l->conf);
        l->judged = calloc(l->conf.count ? l->conf.count : 1, sizeof(*l->judged));
        if (!l->judged)
                return say_no_memory();
        for (size_t i = 0; i < l->conf.count; i++) {
                struct tune_judgement *j = &l->judged[i];
                tune_judge(&l->conf, i, &l->evidence, l->rehearsal, j);
                l->in_verdict[j->verdict]++;
                if (tune_severity(j->verdict) > l->severity)
                        l->severity = tune_severity(j->verdict);
        }
        return 0;
}

/* ---- For people ---- */

static void
put_verdict(struct prose *p, const struct tune_judgement *j)
{
        char *said = tune_said(j);

        prose_item(p, INDENT, LABEL, tune_verdict_word(p, j->verdict), said ? said : "");
        free(said);
}

static void
put_setting(struct prose *p, const struct lint *l, size_t i)
{
        const struct tune_setting *s = &l->conf.setting[i];
        const struct tune_judgement *j = &l->judged[i];
        char *here = tune_here(&l->evidence, s), number[16];

        snprintf(number, sizeof(number), "%4u", s->line);
        prose_blank(p);
        prose_item(p, 0, INDENT, number, s->text);
        put_verdict(p, j);
        if (here)
                prose_item(p, INDENT, LABEL, _("here"), here);
        free(here);
        if (j->better)
                prose_item(p, INDENT, LABEL, _("better"), j->better);
        else if (j->leave_out)
                prose_item(p, INDENT, LABEL, _("better"), _("leave it out"));
}

static void
put_summary(struct prose *p, const struct lint *l)
{
        char text[512], *to = text;

        to += sprintf(to, ngettext("%zu setting", "%zu settings", l->conf.count), l->conf.count);
        for (unsigned int v = TUNE_DANGEROUS + 1; v-- > 0;)
                if (l->in_verdict[v] > 0)
                        to += sprintf(to, ", %zu %s", l->in_verdict[v], tune_verdict_word(NULL, (enum tune_verdict)v));
        prose_blank(p);
        prose_paragraph(p, 0, text);
}

static void
put_text(const struct lint *l)
{
        struct terminal terminal = terminal_of(stdout);
        struct prose p;
        char head[512];

        prose_init(&p, &terminal);
        for (size_t i = 0; i < l->conf.count; i++) {
                unsigned int file = l->conf.setting[i].file;
                if (i == 0 || file != l->conf.setting[i - 1].file) {
                        const char *name = l->request->words[file];
                        snprintf(head, sizeof(head), _("on Linux %s%s"), l->evidence.release,
                                 l->evidence.first_netns ? ""
                                                         : _(", in a network namespace that is not the host's first"));
                        prose_title(&p, strcmp(name, "-") == 0 ? _("standard input") : name, head);
                }
                put_setting(&p, l, i);
        }
        if (l->conf.count == 0)
                prose_paragraph(&p, 0, _("There is no setting in it: comments and empty lines alone, or nothing."));
        else
                put_summary(&p, l);
        if (!l->rehearsal || (l->conf.count > 0 && !l->rehearsal[0].before))
                prose_paragraph(
                        &p, 0,
                        _("The kernel itself could not be asked what it takes: that needs root, or user namespaces."));
}

/* ---- For machines ---- */

static json_t *
lines_of(const char *text)
{
        json_t *array = json_array();

        while (*text != '\0') {
                size_t length = strcspn(text, "\n");
                json_array_append_new(array, json_stringn(text, length));
                text += length + (text[length] == '\n');
        }
        return array;
}

static json_t *
setting_json(const struct lint *l, size_t i)
{
        const struct tune_setting *s = &l->conf.setting[i];
        const struct tune_judgement *j = &l->judged[i];
        const char *here = s->pattern ? NULL : tune_live_text(&l->evidence, s->name);
        json_t *object = json_object(), *said = json_array();

        json_set_text(object, "file", l->request->words[s->file]);
        json_set_number(object, "line", s->line);
        json_set_text(object, "text", s->text);
        json_set_text(object, "name", s->name);
        json_set_text(object, "value", s->value);
        json_set_text(object, "verdict", tune_verdict_id(j->verdict));
        json_set_number(object, "severity", (uint64_t)tune_severity(j->verdict));
        for (size_t k = 0; k < j->said_count; k++)
                json_array_append_new(said, json_string(j->said[k]));
        json_object_set_new(object, "said", said);
        if (here)
                json_set_text(object, "here", here);
        if (j->better)
                json_object_set_new(object, "better", lines_of(j->better));
        json_set_bool(object, "leave_out", j->leave_out && !j->better);
        return object;
}

static void
put_json(const struct lint *l)
{
        json_t *object = json_object(), *array = json_array();

        json_set_text(object, "kernel", l->evidence.release);
        json_set_bool(object, "first_netns", l->evidence.first_netns);
        json_set_number(object, "severity", (uint64_t)l->severity);
        for (size_t i = 0; i < l->conf.count; i++)
                json_array_append_new(array, setting_json(l, i));
        json_object_set_new(object, "settings", array);
        json_write(object, stdout);
}

static int
lint(struct lint *l)
{
        struct netns_list netns;
        int status = tune_open_netns(l->request, &netns);

        if (status != 0)
                return status;
        status = judge(l, netns.netns[0].fd);
        netns_list_close(&netns);
        if (status != 0)
                return status;
        if (l->request->json)
                put_json(l);
        else
                put_text(l);
        return l->severity;
}

int
tune_lint(const struct tune_request *r)
{
        struct lint l = { .request = r };
        int status;

        if (r->word_count == 0) {
                say_error(_("lint which file? (- is standard input)\n"));
                return EXIT_USAGE;
        }
        status = read_files(&l);
        if (status == 0)
                status = lint(&l);
        for (size_t i = 0; l.judged && i < l.conf.count; i++)
                tune_judgement_fini(&l.judged[i]);
        free(l.judged);
        tune_rehearsals_free(l.rehearsal, l.conf.count);
        tune_evidence_fini(&l.evidence);
        tune_conf_fini(&l.conf);
        return status;
}
