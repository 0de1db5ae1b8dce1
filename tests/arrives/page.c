/* SPDX-License-Identifier: BSD-2-Clause */
#include "page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
read_flags(const char *word, struct segment *s)
{
        for (; *word; word++)
                switch (*word) {
                case 'S':
                        s->syn = true;
                        break;
                case 'A':
                        s->ack = true;
                        break;
                case 'R':
                        s->rst = true;
                        break;
                case 'F':
                        s->fin = true;
                        break;
                case 'P':
                        s->psh = true;
                        break;
                case 'U':
                        s->urg = true;
                        break;
                case '.':
                        break;
                default:
                        return false;
                }
        return true;
}

static bool
read_positions(const char *word, struct positions *p)
{
        char copy[512], *save = NULL;

        snprintf(copy, sizeof copy, "%s", word);
        p->count = 0;
        for (char *name = strtok_r(copy, ",", &save); name; name = strtok_r(NULL, ",", &save)) {
                if (p->count == POSITIONS_MAX || strlen(name) >= sizeof p->name[0])
                        return false;
                strcpy(p->name[p->count++], name);
        }
        return p->count > 0;
}

/* The same, where `*` means all that there are. */
static bool
read_some(const char *word, const struct positions *all, struct positions *p)
{
        if (strcmp(word, "*") != 0)
                return read_positions(word, p);
        *p = *all;
        return p->count > 0;
}

static const char *
read_row(const char *line, unsigned int number, struct section *section)
{
        char seq[WORD_SIZE], ack[WORD_SIZE], stamp[WORD_SIZE];
        struct row *r = &section->row[section->count];

        if (section->count == sizeof section->row / sizeof section->row[0])
                return "more rows than a section has room for";
        if (sscanf(line, "%159s %159s %159s %159s %159s %159s %159s %159s %159s", seq, ack, stamp, r->verdict,
                   r->answer, r->state, r->una, r->rcv, r->rows) != 9)
                return "a row has nine words and a section of an RFC";
        if (!read_some(seq, &section->seq, &r->seq) || !read_some(ack, &section->ack, &r->ack) ||
            !read_some(stamp, &section->stamp, &r->stamp))
                return "no list of positions";
        r->line = number;
        section->count++;
        return NULL;
}

static const char *
read_given(const char *line, struct page *p)
{
        struct section *s = &p->section[p->count];

        if (p->count == sizeof p->section / sizeof p->section[0])
                return "more sections than a page has room for";
        memset(s, 0, sizeof *s);
        if (sscanf(line, "given %23s %23s", s->state, s->how) != 2)
                return "given STATE HOW";
        p->count++;
        return NULL;
}

static const char *
read_line(const char *line, unsigned int number, struct page *p)
{
        char word[24], list[512];
        struct section *s = p->count > 0 ? &p->section[p->count - 1] : NULL;

        if (line[0] == '#' || strspn(line, " \n") == strlen(line))
                return NULL;
        if (sscanf(line, "segment %23s text %u", word, &p->segment.text_bytes) == 2)
                return read_flags(word, &p->segment) ? NULL : "no such flag";
        if (strncmp(line, "given ", 6) == 0)
                return read_given(line, p);
        if (!s)
                return "something before the first \"given\"";
        if (sscanf(line, "seq %511s", list) == 1)
                return read_positions(list, &s->seq) ? NULL : "no list of positions";
        if (sscanf(line, "ack %511s", list) == 1)
                return read_positions(list, &s->ack) ? NULL : "no list of positions";
        if (sscanf(line, "tsval %511s", list) == 1)
                return read_positions(list, &s->stamp) ? NULL : "no list of positions";
        return read_row(line, number, s);
}

const char *
page_read(const char *path, struct page *p, unsigned int *ret_line)
{
        char line[1024];
        const char *wrong = NULL;
        FILE *file = fopen(path, "r");

        *ret_line = 0;
        memset(&p->segment, 0, sizeof p->segment);
        p->count = 0;
        if (!file)
                return "cannot be opened";
        while (!wrong && fgets(line, sizeof line, file))
                wrong = read_line(line, ++*ret_line, p);
        fclose(file);
        if (!wrong && p->count == 0)
                wrong = "no cases";
        return wrong;
}
