/* SPDX-License-Identifier: BSD-2-Clause */
#include "tune/conf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN_MAX 200

/* A piece of the text. */
struct span {
        const char *at, *end;
};

/* ---- Blanks and quotes ---- */

/* Bytes of a blank at p: ASCII's, or one that a web page has instead (U+00A0, U+2009, U+202F, U+3000). */
static size_t
blank_at(const char *p, const char *end, uint32_t *odd)
{
        static const char *const wide[] = { "\xc2\xa0", "\xe2\x80\x89", "\xe2\x80\xaf", "\xe3\x80\x80" };

        if (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\v' || *p == '\f'))
                return 1;
        for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++) {
                size_t length = strlen(wide[i]);
                if ((size_t)(end - p) >= length && memcmp(p, wide[i], length) == 0) {
                        *odd |= TUNE_ODD_BLANKS;
                        return length;
                }
        }
        return 0;
}

static size_t
quote_at(const char *p, const char *end)
{
        static const char *const quotes[] = { "\"",           "'",           "`", "\xe2\x80\x9c", "\xe2\x80\x9d",
                                              "\xe2\x80\x98", "\xe2\x80\x99" };

        for (size_t i = 0; i < sizeof(quotes) / sizeof(quotes[0]); i++) {
                size_t length = strlen(quotes[i]);
                if ((size_t)(end - p) >= length && memcmp(p, quotes[i], length) == 0)
                        return length;
        }
        return 0;
}

/* Without blanks, quotes and separators around it. */
static struct span
trimmed(struct span s, uint32_t *odd)
{
        size_t n;

        for (;;) {
                if ((n = blank_at(s.at, s.end, odd)) > 0) {
                        s.at += n;
                } else if ((n = quote_at(s.at, s.end)) > 0) {
                        s.at += n;
                        *odd |= TUNE_ODD_QUOTES;
                } else {
                        break;
                }
        }
        while (s.end > s.at) {
                for (n = 1; n <= 3 && (size_t)(s.end - s.at) >= n; n++) {
                        uint32_t blanks = 0;
                        if (blank_at(s.end - n, s.end, &blanks) == n) {
                                *odd |= blanks;
                                break;
                        }
                        if (quote_at(s.end - n, s.end) == n) {
                                *odd |= TUNE_ODD_QUOTES;
                                break;
                        }
                }
                if (n > 3 || (size_t)(s.end - s.at) < n)
                        break;
                s.end -= n;
        }
        return s;
}

/* With one blank wherever there were several, and '?' for all that a terminal or a document in JSON might take amiss. */
static char *
copied(struct span s)
{
        char *copy = malloc((size_t)(s.end - s.at) + 1), *to = copy;
        uint32_t odd = 0;

        if (!copy)
                return NULL;
        while (s.at < s.end) {
                size_t n = blank_at(s.at, s.end, &odd);
                if (n > 0) {
                        while (n > 0) {
                                s.at += n;
                                n = blank_at(s.at, s.end, &odd);
                        }
                        *to++ = ' ';
                } else {
                        *to++ = *s.at >= ' ' && *s.at <= '~' ? *s.at : '?';
                        s.at++;
                }
        }
        *to = '\0';
        return copy;
}

/* ---- Names ---- */

/* sysctl's rule: the first separator decides; where it is '/', a '.' is an ordinary character, and is printed as '/'. */
static void
dot_name(char *name)
{
        size_t first = strcspn(name, "./");

        if (name[first] != '/')
                return;
        for (char *p = name; *p; p++)
                *p = *p == '/' ? '.' : *p == '.' ? '/' : *p;
}

char *
tune_name_path(const char *name)
{
        char *path = strdup(name);

        for (char *p = path; p && *p; p++)
                *p = *p == '.' ? '/' : *p == '/' ? '.' : *p;
        return path;
}

static bool
is_name_character(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
               c == '/' || c == '-' || c == '*';
}

/* Where a name begins at `p` that '=' follows, as in "net.ipv4.tcp_sack = 1". */
static bool
setting_begins(const char *p, const char *end)
{
        const char *at = p;
        uint32_t odd = 0;
        size_t n;

        if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z')))
                return false;
        while (at < end && is_name_character(*at))
                at++;
        if (!memchr(p, '.', (size_t)(at - p)) && !memchr(p, '/', (size_t)(at - p)))
                return false;
        while ((n = blank_at(at, end, &odd)) > 0)
                at += n;
        return at < end && *at == '=';
}

/* Where the next setting of the line begins, behind a comma, a semicolon, a quote or a blank; `end` if there is none. */
static const char *
next_setting(const char *p, const char *end)
{
        uint32_t odd = 0;

        for (; p < end; p++)
                if ((*p == ',' || *p == ';' || blank_at(p, end, &odd) > 0 || quote_at(p, end) > 0) && p + 1 < end &&
                    setting_begins(p + 1, end))
                        return p + 1;
        return end;
}

/* ---- Settings ---- */

static struct tune_setting *
add(struct tune_conf *conf)
{
        if (conf->count == conf->capacity) {
                size_t capacity = conf->capacity ? 2 * conf->capacity : 16;
                struct tune_setting *grown = realloc(conf->setting, capacity * sizeof(*grown));
                if (!grown)
                        return NULL;
                conf->setting = grown;
                conf->capacity = capacity;
        }
        conf->setting[conf->count] = (struct tune_setting){ 0 };
        return &conf->setting[conf->count++];
}

static struct span
without_separators(struct span s)
{
        while (s.end > s.at && (s.end[-1] == ',' || s.end[-1] == ';' || s.end[-1] == ' '))
                s.end--;
        return s;
}

/* A comment behind the value; sysctl knows none there. */
static struct span
without_comment(struct span value, uint32_t *odd)
{
        uint32_t blanks = 0;

        for (const char *p = value.at; p < value.end; p++)
                if ((*p == '#' || *p == ';') && (p == value.at || blank_at(p - 1, value.end, &blanks) > 0)) {
                        *odd |= TUNE_ODD_COMMENT;
                        value.end = p;
                        break;
                }
        return trimmed(value, odd);
}

static struct span
without_directory(struct span name)
{
        static const char directory[] = "/proc/sys/";

        if ((size_t)(name.end - name.at) > strlen(directory) && memcmp(name.at, directory, strlen(directory)) == 0)
                name.at += strlen(directory);
        return name;
}

static int
fill(struct tune_setting *s, struct span name, struct span value)
{
        s->oddities |= name.at == name.end ? TUNE_ODD_NO_NAME : 0;
        name = without_directory(name);
        if (name.at < name.end && *name.at == '/') /* as systemd lets it: "/net/ipv4/tcp_sack" */
                name.at++;
        s->name = copied(name);
        s->value = copied(value);
        if (!s->name || !s->value)
                return -ENOMEM;
        dot_name(s->name);
        s->pattern = strpbrk(s->name, "*?[") != NULL;
        return 0;
}

static int
read_setting(struct tune_setting *s, struct span whole)
{
        const char *equals = memchr(whole.at, '=', (size_t)(whole.end - whole.at));
        struct span name = { whole.at, equals ? equals : whole.end },
                    value = { equals ? equals + 1 : whole.end, whole.end };

        name = trimmed(name, &s->oddities);
        if (name.at < name.end && *name.at == '-') {
                s->may_fail = true;
                name.at++;
        }
        if (!equals) {
                s->exclusion = s->may_fail;
                s->oddities |= s->exclusion ? 0 : TUNE_ODD_SETTING;
        } else {
                value = without_comment(trimmed(value, &s->oddities), &s->oddities);
                s->oddities |= value.at == value.end ? TUNE_ODD_NO_VALUE : 0;
        }
        return fill(s, trimmed(name, &s->oddities), value);
}

/* "echo 1 > /proc/sys/net/ipv4/tcp_sack". */
static bool
is_echo(struct span s, struct span *ret_name, struct span *ret_value)
{
        const char *arrow = memchr(s.at, '>', (size_t)(s.end - s.at));

        if (s.end - s.at < 6 || memcmp(s.at, "echo ", 5) != 0 || !arrow)
                return false;
        *ret_value = (struct span){ s.at + 5, arrow };
        *ret_name = (struct span){ arrow + 1, s.end };
        return true;
}

/* Behind "sudo", "sysctl" and "-w". */
static struct span
without_command(struct span s, uint32_t *odd)
{
        static const char *const words[] = { "$ ", "sudo ", "sysctl ", "/sbin/sysctl ", "-w ", "-p ", "--write " };

        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
                size_t length = strlen(words[i]);
                if ((size_t)(s.end - s.at) > length && memcmp(s.at, words[i], length) == 0) {
                        s.at += length;
                        s = trimmed(s, odd);
                        *odd |= TUNE_ODD_COMMAND;
                }
        }
        return s;
}

static int
set_text(struct tune_setting *s, struct span shown)
{
        bool cut = shown.end - shown.at > SHOWN_MAX;
        char *text;

        if (cut)
                shown.end = shown.at + SHOWN_MAX - 3;
        text = copied(shown);
        if (!text || asprintf(&s->text, "%s%s", text, cut ? "..." : "") < 0)
                s->text = NULL;
        free(text);
        return s->text ? 0 : -ENOMEM;
}

static int
add_setting(struct tune_conf *conf, const struct tune_setting *like, struct span s)
{
        struct tune_setting *added = add(conf);
        struct span name, value;
        int r;

        if (!added)
                return -ENOMEM;
        *added = *like;
        r = set_text(added, trimmed(without_separators(trimmed(s, &added->oddities)), &added->oddities));
        if (r < 0)
                return r;
        s = without_command(trimmed(s, &added->oddities), &added->oddities);
        s = trimmed(without_separators(s), &added->oddities);
        if (!is_echo(s, &name, &value))
                return read_setting(added, s);
        added->oddities |= TUNE_ODD_COMMAND;
        return fill(added, trimmed(name, &added->oddities), trimmed(value, &added->oddities));
}

/* What a mark makes of a comment is not seen by whoever looks at the file. */
static int
add_mark(struct tune_conf *conf, const struct tune_setting *like, struct span s)
{
        struct tune_setting *added = add(conf);
        struct span nothing = { s.end, s.end };

        if (!added)
                return -ENOMEM;
        *added = *like;
        added->oddities = TUNE_ODD_MARK;
        added->name = copied(nothing);
        added->value = copied(nothing);
        return added->name && added->value ? set_text(added, s) : -ENOMEM;
}

static int
read_line(struct tune_conf *conf, unsigned int file, unsigned int number, struct span line)
{
        struct tune_setting like = { .file = file, .line = number };
        struct span s = line;
        const char *next;
        bool several;
        int r;

        if (number == 1 && line.end - line.at >= 3 && memcmp(line.at, "\xef\xbb\xbf", 3) == 0) {
                s.at += 3;
                like.oddities |= TUNE_ODD_BOM;
        }
        s.at = trimmed(s, &like.oddities).at;
        if (like.oddities & TUNE_ODD_BOM && (s.at == s.end || *s.at == '#' || *s.at == ';'))
                return add_mark(conf, &like, s);
        if (s.at == s.end || *s.at == '#' || *s.at == ';')
                return 0;
        if (line.end - line.at > TUNE_LINE_MAX)
                like.oddities |= TUNE_ODD_LONG;
        if (next_setting(s.at, s.end) < s.end && memchr(s.at, '=', (size_t)(next_setting(s.at, s.end) - s.at)))
                like.oddities |= TUNE_ODD_SEVERAL; /* said of the first one */
        several = like.oddities & TUNE_ODD_SEVERAL;
        while (s.at < s.end) {
                next = several ? next_setting(s.at, s.end) : s.end;
                r = add_setting(conf, &like, (struct span){ s.at, next });
                if (r < 0)
                        return r;
                s.at = next;
                like.oddities &= ~(uint32_t)TUNE_ODD_BOM;
                like.oddities &= ~(uint32_t)TUNE_ODD_SEVERAL;
        }
        return 0;
}

int
tune_conf_read(struct tune_conf *conf, unsigned int file, const char *text, size_t size)
{
        const char *end = text + size;
        unsigned int number = 0;

        if (memchr(text, '\0', size))
                return -EILSEQ;
        while (text < end) {
                const char *newline = memchr(text, '\n', (size_t)(end - text));
                int r = read_line(conf, file, ++number, (struct span){ text, newline ? newline : end });
                if (r < 0)
                        return r;
                text = newline ? newline + 1 : end;
        }
        return 0;
}

int
tune_conf_word(struct tune_conf *conf, const char *word)
{
        struct tune_setting *s;
        const char *equals = strchr(word, '=');
        int r;

        if (!equals || equals == word)
                return -EINVAL;
        s = add(conf);
        if (!s)
                return -ENOMEM;
        s->line = (unsigned int)conf->count;
        r = set_text(s, (struct span){ word, word + strlen(word) });
        return r < 0 ? r : read_setting(s, (struct span){ word, word + strlen(word) });
}

static void
setting_fini(struct tune_setting *s)
{
        free(s->text);
        free(s->name);
        free(s->value);
        free(s->reason);
}

void
tune_conf_drop(struct tune_conf *conf, size_t i)
{
        setting_fini(&conf->setting[i]);
        conf->count--;
        memmove(&conf->setting[i], &conf->setting[i + 1], (conf->count - i) * sizeof(conf->setting[0]));
}

void
tune_conf_fini(struct tune_conf *conf)
{
        for (size_t i = 0; i < conf->count; i++)
                setting_fini(&conf->setting[i]);
        free(conf->setting);
        *conf = (struct tune_conf){ 0 };
}
