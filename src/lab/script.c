/* SPDX-License-Identifier: BSD-2-Clause */
/* Scripts: line by line, each a command of the world or a call of an application. */
#include "lab/script.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MINUTE_US 60000000u

/* ---- The world ---- */

static int
command_host(struct script *s)
{
        struct la_lab_host host = { .name = script_word(s) };
        enum la_family family;
        uint8_t address[16];
        int status;

        while (s->next < s->words) {
                if ((status = script_address(s, &family, address)) < 0)
                        return status;
                memcpy(family == LA_IPV4 ? host.address4 : host.address6, address, family == LA_IPV4 ? 4 : 16);
        }
        if (!host.name || host.name[0] == '*')
                return script_wrong(s, "a host has a name and an address", NULL);
        status = la_lab_add_host(s->lab, &host);
        return status == -ENOMEM ? status : status < 0 ? script_wrong(s, "this host cannot be", host.name) : 0;
}

static int
command_nat(struct script *s)
{
        enum la_family family;
        uint8_t address[16];
        int inside[LA_LAB_HOSTS_MAX], status = script_address(s, &family, address);
        size_t count = 0;

        if (status < 0)
                return status;
        while (s->next < s->words && count < LA_LAB_HOSTS_MAX)
                if ((status = script_host(s, &inside[count++])) < 0)
                        return status;
        if (family != LA_IPV4 || la_lab_add_nat(s->lab, address, inside, count) < 0)
                return script_wrong(s, "this NAT cannot be", s->word[1]);
        return script_end(s);
}

static int
take_milliseconds(struct script *s, uint32_t *ret_us)
{
        uint64_t us;
        int status = script_time(s, &us);

        if (status < 0)
                return status;
        if (us > UINT32_MAX)
                return script_wrong(s, "a path takes an hour at most", s->word[s->next - 1]);
        *ret_us = (uint32_t)us;
        return 0;
}

static int
take_path_word(struct script *s, struct la_lab_link *l)
{
        uint32_t rate;
        int status;

        if (script_take(s, "delay"))
                return take_milliseconds(s, &l->delay_us);
        if (script_take(s, "jitter"))
                return take_milliseconds(s, &l->jitter_us);
        if (script_take(s, "loss"))
                return script_percent(s, &l->loss);
        if (script_take(s, "corrupt"))
                return script_percent(s, &l->corrupt);
        if (script_take(s, "duplicate"))
                return script_percent(s, &l->duplicate);
        if (script_take(s, "reorder")) {
                status = script_percent(s, &l->reorder);
                return status < 0 ? status : take_milliseconds(s, &l->reorder_us);
        }
        if (script_take(s, "mtu"))
                return script_number(s, 65535, &l->mtu);
        if (script_take(s, "queue"))
                return script_number(s, UINT32_MAX, &l->queue_bytes);
        if (script_take(s, "mark"))
                return script_number(s, UINT32_MAX, &l->mark_bytes);
        if (script_take(s, "rate")) {
                status = script_number(s, UINT32_MAX, &rate);
                l->rate = status < 0 ? 0 : rate;
                return status;
        }
        return script_wrong(s, "a path has no such property", s->word[s->next]);
}

static int
command_path(struct script *s)
{
        struct la_lab_link link = { .delay_us = 10000 };
        int from = LA_LAB_NOBODY, to = LA_LAB_NOBODY, status = 0;

        if (s->next < s->words && la_lab_host_named(s->lab, s->word[s->next]) != LA_LAB_NOBODY) {
                if ((status = script_host(s, &from)) < 0 || (status = script_host(s, &to)) < 0)
                        return status;
                link = s->lab->link[from][to].set;
        }
        while (s->next < s->words)
                if ((status = take_path_word(s, &link)) < 0)
                        return status;
        if (from == LA_LAB_NOBODY)
                la_lab_set_links(s->lab, &link);
        else
                la_lab_set_link(s->lab, from, to, &link);
        return 0;
}

static int
set_knob(struct script *s, bool dangerous)
{
        char value[SCRIPT_LINE_MAX] = "";
        const char *name, *error = NULL;
        enum la_error result;
        int host, status = script_host(s, &host);

        if (status < 0)
                return status;
        name = script_word(s);
        if (!name || s->next == s->words)
                return script_wrong(s, "a tunable has a name and a value", name);
        for (const char *word; (word = script_word(s));) {
                strcat(value, value[0] ? " " : "");
                strcat(value, word);
        }
        result = dangerous ? la_knob_set_dangerous(s->lab->host[host].stack, name, value, &error)
                           : la_knob_set(s->lab->host[host].stack, name, value, &error);
        return result == LA_OK ? 0 : script_wrong(s, la_error_text(result), name);
}

static int
command_knob(struct script *s)
{
        return set_knob(s, false);
}

static int
command_danger(struct script *s)
{
        return set_knob(s, true);
}

/* ---- Rules ---- */

static int
take_match(struct script *s, enum la_lab_match *ret_match)
{
        static const struct {
                const char *word;
                enum la_lab_match match;
        } names[] = { { "any", LA_LAB_ANY }, { "SYN", LA_LAB_SYN },   { "SYN,ACK", LA_LAB_SYN_ACK },
                      { "ACK", LA_LAB_ACK }, { "text", LA_LAB_TEXT }, { "FIN", LA_LAB_FIN },
                      { "RST", LA_LAB_RST } };
        const char *word = script_word(s);

        for (size_t i = 0; word && i < sizeof names / sizeof names[0]; i++)
                if (strcmp(word, names[i].word) == 0) {
                        *ret_match = names[i].match;
                        return 0;
                }
        return script_wrong(s, "which packets? SYN SYN,ACK ACK text FIN RST any", word);
}

/* "3", "3-" or "all"; a time is not for here. */
static void
take_count(struct script *s, struct la_lab_rule *r)
{
        unsigned int n;
        int length = 0;

        r->nth = 1;
        if (script_take(s, "all")) {
                r->onwards = true;
        } else if (s->next < s->words && sscanf(s->word[s->next], "%9u%n", &n, &length) == 1 && n > 0) {
                const char *rest = s->word[s->next] + length;

                if (rest[0] != '\0' && strcmp(rest, "-") != 0)
                        return;
                r->nth = n;
                r->onwards = rest[0] == '-';
                s->next++;
        }
}

static int
add_rule(struct script *s, enum la_lab_action action)
{
        struct la_lab_rule r = { .action = action, .from = LA_LAB_NOBODY };
        int status;

        if (!script_take(s, "*") && (status = script_host(s, &r.from)) < 0)
                return status;
        if ((status = take_match(s, &r.match)) < 0)
                return status;
        take_count(s, &r);
        if ((action == LA_LAB_DELAY || action == LA_LAB_DUPLICATE) && (status = take_milliseconds(s, &r.us)) < 0)
                return status;
        status = script_end(s);
        return status < 0 ? status : la_lab_add_rule(s->lab, &r);
}

static int
command_drop(struct script *s)
{
        return add_rule(s, LA_LAB_DROP);
}

static int
command_delay(struct script *s)
{
        return add_rule(s, LA_LAB_DELAY);
}

static int
command_duplicate(struct script *s)
{
        return add_rule(s, LA_LAB_DUPLICATE);
}

static int
command_corrupt(struct script *s)
{
        return add_rule(s, LA_LAB_CORRUPT);
}

static int
command_mark(struct script *s)
{
        return add_rule(s, LA_LAB_MARK);
}

static int
command_unreachable(struct script *s)
{
        return add_rule(s, LA_LAB_UNREACHABLE);
}

static int
command_mend(struct script *s)
{
        la_lab_clear_rules(s->lab);
        return script_end(s);
}

/* ---- Time, and what is expected ---- */

static int
ran(struct script *s, int status)
{
        return status == -ELOOP ? script_failed(s, "a stack never comes to rest", NULL) : status;
}

static int
command_wait(struct script *s)
{
        uint64_t us;
        int status = script_time(s, &us);

        if (status < 0 || (status = script_end(s)) < 0)
                return status;
        return ran(s, la_lab_run(s->lab, us));
}

static int
command_until(struct script *s)
{
        enum la_state wanted;
        uint64_t us = MINUTE_US;
        tcp_time end;
        int host, status = script_host(s, &host);

        if (status < 0 || (status = script_state(s, &wanted)) < 0)
                return status;
        if (s->next < s->words && (status = script_time(s, &us)) < 0)
                return status;
        end = s->lab->now + us;
        while (script_state_of(s->lab, host) != wanted) {
                if (s->lab->now >= end)
                        return script_failed(s, "it is not in that state", s->word[2]);
                if ((status = la_lab_step(s->lab, end)) < 0)
                        return ran(s, status);
        }
        return script_end(s);
}

#define ENOUGH 1

static int
command_enough(struct script *s)
{
        enum la_state wanted;
        int host, status = script_host(s, &host);

        if (status < 0 || (status = script_state(s, &wanted)) < 0 || (status = script_end(s)) < 0)
                return status;
        return script_state_of(s->lab, host) == wanted ? ENOUGH : 0;
}

static bool
find_counter(const char *word, enum la_counter *ret_counter)
{
        for (enum la_counter c = 0; c < LA_COUNTER_COUNT; c++) {
                const char *name = la_counter_name(c);
                size_t group = strncmp(name, "TcpExt", 6) == 0  ? 6
                               : strncmp(name, "IpExt", 5) == 0 ? 5
                               : strncmp(name, "Tcp", 3) == 0   ? 3
                                                                : 0;

                if (strcmp(word, name) == 0 || strcmp(word, name + group) == 0) {
                        *ret_counter = c;
                        return true;
                }
        }
        return false;
}

static int
command_expect(struct script *s)
{
        enum la_counter counter;
        enum la_state wanted;
        uint32_t number;
        int host, status = script_host(s, &host);

        if (status < 0)
                return status;
        if (s->next < s->words && find_counter(s->word[s->next], &counter)) {
                s->next++;
                if ((status = script_number(s, UINT32_MAX, &number)) < 0)
                        return status;
                if (la_counter(s->lab->host[host].stack, counter) != number)
                        return script_failed(s, "the counter says something else", la_counter_name(counter));
        } else {
                if ((status = script_state(s, &wanted)) < 0)
                        return status;
                if (script_state_of(s->lab, host) != wanted)
                        return script_failed(s, "it is in another state", la_state_name(script_state_of(s->lab, host)));
        }
        return script_end(s);
}

static int
command_reboot(struct script *s)
{
        int host, status = script_host(s, &host);

        if (status < 0 || (status = script_end(s)) < 0)
                return status;
        return la_lab_reboot(s->lab, host);
}

static int
command_note(struct script *s)
{
        char text[SCRIPT_LINE_MAX] = "";

        for (const char *word; (word = script_word(s));) {
                strcat(text, text[0] ? " " : "");
                strcat(text, word);
        }
        la_lab_note(s->lab, text);
        return 0;
}

/* ---- Lines ---- */

static const struct {
        const char *name;
        int (*run)(struct script *s);
} commands[] = {
        { "host", command_host },       { "nat", command_nat },
        { "path", command_path },       { "knob", command_knob },
        { "danger", command_danger },   { "drop", command_drop },
        { "delay", command_delay },     { "duplicate", command_duplicate },
        { "corrupt", command_corrupt }, { "unreachable", command_unreachable },
        { "mark", command_mark },       { "mend", command_mend },
        { "wait", command_wait },       { "until", command_until },
        { "expect", command_expect },   { "note", command_note },
        { "reboot", command_reboot },   { "enough", command_enough },
};

/* What a script says is shown on terminals and written to JSON: nothing in it may control either. */
static bool
is_shown(const char *text)
{
        for (; *text != '\0'; text++)
                if ((*text < ' ' && *text != '\t' && *text != '\r') || *text > '~')
                        return false;
        return true;
}

static int
split(struct script *s, const char *line, size_t length)
{
        char *p = s->text;

        s->words = s->next = 0;
        if (length >= sizeof s->text)
                return script_wrong(s, "this line is too long", NULL);
        memcpy(p, line, length);
        p[length] = '\0';
        p[strcspn(p, "#")] = '\0';
        if (!is_shown(p))
                return script_wrong(s, "this line has characters that are not plain ASCII", NULL);
        for (p = strtok(p, " \t\r"); p; p = strtok(NULL, " \t\r")) {
                if (s->words == SCRIPT_WORDS_MAX)
                        return script_wrong(s, "this line has too many words", NULL);
                s->word[s->words++] = p;
        }
        return 0;
}

/* Two hosts are what most scripts are about. */
static int
add_usual_hosts(struct la_lab *lab)
{
        static const struct la_lab_host usual[] = { { .name = "client", .address4 = { 10, 0, 0, 1 } },
                                                    { .name = "server", .address4 = { 10, 0, 0, 2 } } };

        for (size_t i = 0; i < 2; i++) {
                int status = la_lab_add_host(lab, &usual[i]);

                if (status < 0)
                        return status;
        }
        return 0;
}

static int
play_line(struct script *s)
{
        int host, status;

        if (s->words == 0)
                return 0;
        if (s->lab->hosts == 0 && strcmp(s->word[0], "host") != 0 && (status = add_usual_hosts(s->lab)) < 0)
                return status;
        host = la_lab_host_named(s->lab, s->word[0]);
        s->next = 1;
        if (host != LA_LAB_NOBODY)
                return script_call(s, host);
        for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
                if (strcmp(s->word[0], commands[i].name) == 0)
                        return commands[i].run(s);
        return script_wrong(s, "neither a command nor a host", s->word[0]);
}

int
la_lab_continue(struct la_lab *lab, const char *script, struct la_lab_trouble *ret_trouble)
{
        struct script s = { .lab = lab, .trouble = ret_trouble };

        while (*script != '\0') {
                size_t length = strcspn(script, "\n");
                int status;

                s.line++;
                if ((status = split(&s, script, length)) < 0 || (status = play_line(&s)) != 0)
                        return status == ENOUGH ? 0 : status;
                script += length + (script[length] == '\n');
        }
        return 0;
}

int
la_lab_play(const char *script, uint64_t seed, struct la_lab **ret_lab, struct la_lab_trouble *ret_trouble)
{
        struct la_lab *lab = la_lab_new(seed);
        int status;

        if (!lab)
                return -ENOMEM;
        status = la_lab_continue(lab, script, ret_trouble);
        if (status < 0 && status != -ECANCELED)
                la_lab_free(lab);
        else
                *ret_lab = lab;
        return status;
}
