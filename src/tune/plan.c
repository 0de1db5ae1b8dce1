/* SPDX-License-Identifier: BSD-2-Clause */
#include "tune/plan.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A command line may have a leaf's name; from here on it is whole. */
static int
complete_names(struct tune_conf *conf)
{
        struct tune_law law;

        for (size_t i = 0; i < conf->count; i++) {
                struct tune_setting *s = &conf->setting[i];
                if (!tune_law_of(s->name, &law) || strchr(law.name, '*') || strcmp(law.name, s->name) == 0)
                        continue;
                free(s->name);
                s->name = strdup(law.name);
                if (!s->name)
                        return -ENOMEM;
        }
        return 0;
}

static bool
is_set_before(const struct tune_conf *conf, size_t i)
{
        for (size_t k = 0; k < i; k++)
                if (strcmp(conf->setting[k].name, conf->setting[i].name) == 0)
                        return true;
        return false;
}

/* Numbers that are missing stay as they are, so they belong to what is to be. */
static char *
completed(const struct tune_plan_item *item)
{
        struct tune_value v = tune_value_read(item->law.kind, item->setting->value), was;
        char *text;

        if (!item->law_known)
                return strdup(item->setting->value);
        if (!(v.odd & TUNE_VALUE_FEWER) || !item->before)
                return tune_value_canonical(item->law.kind, item->setting->value);
        was = tune_value_read(item->law.kind, item->before);
        for (int i = v.count; i < was.count; i++)
                v.number[i] = was.number[i];
        if (was.count == 2)
                return asprintf(&text, "%" PRId64 " %" PRId64, v.number[0], v.number[1]) < 0 ? NULL : text;
        return asprintf(&text, "%" PRId64 " %" PRId64 " %" PRId64, v.number[0], v.number[1], v.number[2]) < 0 ? NULL
                                                                                                              : text;
}

static bool
value_is_refused(const struct tune_plan_item *item, const struct tune_rehearsal *r)
{
        uint32_t odd = tune_value_read(item->law.kind, item->setting->value).odd;

        if (r && r->tried && r->error < 0)
                return true;
        return item->law_known &&
               odd & (TUNE_VALUE_EMPTY | TUNE_VALUE_NO_NUMBER | TUNE_VALUE_COMMAS | TUNE_VALUE_UNIT | TUNE_VALUE_MORE);
}

static enum tune_block
block_of(const struct tune_plan *p, size_t i, struct tune_plan_item *item)
{
        const struct tune_setting *s = item->setting;
        const struct tune_live *live = tune_live(&p->evidence, s->name);
        const struct tune_rehearsal *r = p->rehearsal ? &p->rehearsal[i] : NULL;

        if (s->pattern)
                return TUNE_BLOCK_PATTERN;
        if (is_set_before(&p->conf, i))
                return TUNE_BLOCK_TWICE;
        if (!live || live->error == -ENOENT)
                return TUNE_BLOCK_ABSENT;
        if (strncmp(s->name, "net.", 4) != 0)
                return TUNE_BLOCK_NOT_NET;
        if (live->error < 0) {
                item->error = live->error;
                return TUNE_BLOCK_UNREAD;
        }
        if (value_is_refused(item, r)) {
                item->error = r && r->tried ? r->error : 0;
                return TUNE_BLOCK_REFUSED;
        }
        return TUNE_BLOCK_NONE;
}

static int
fill(struct tune_plan *p, size_t i)
{
        struct tune_plan_item *item = &p->item[i];

        item->setting = &p->conf.setting[i];
        item->law_known = tune_law_of(item->setting->name, &item->law);
        if (!item->law_known)
                item->law.kind = LA_KNOB_WORD;
        item->before = item->setting->pattern ? NULL : tune_live_text(&p->evidence, item->setting->name);
        item->after = completed(item);
        if (!item->after)
                return -ENOMEM;
        tune_judge(&p->conf, i, &p->evidence, p->rehearsal, &item->judgement);
        item->block = block_of(p, i, item);
        item->changes = item->block == TUNE_BLOCK_NONE && !tune_value_same(item->law.kind, item->before, item->after);
        p->blocked |=
                item->block != TUNE_BLOCK_NONE && !item->setting->reason; /* nobody asked for what was only advised */
        p->dangerous |= item->changes && item->judgement.verdict == TUNE_DANGEROUS;
        p->changing += item->changes;
        return 0;
}

int
tune_plan_make(int netns_fd, struct tune_conf *conf, struct tune_plan *ret)
{
        struct tune_plan p = { .conf = *conf };
        int r = complete_names(&p.conf);

        *conf = (struct tune_conf){ 0 };
        if (r == 0)
                r = tune_gather(netns_fd, &p.conf, true, &p.evidence);
        if (r == 0) {
                p.rehearsal = tune_rehearse(&p.conf);
                p.item = calloc(p.conf.count ? p.conf.count : 1, sizeof(*p.item));
                r = p.item ? 0 : -ENOMEM;
        }
        for (size_t i = 0; i < p.conf.count && r == 0; i++)
                r = fill(&p, i);
        if (r < 0)
                tune_plan_fini(&p);
        else
                *ret = p;
        return r;
}

/* What is known of a value that the kernel made of `after` itself; the setting's own form may have been another. */
static const char *
rehearsed(const struct tune_plan *p, size_t i)
{
        const struct tune_rehearsal *r = p->rehearsal ? &p->rehearsal[i] : NULL;

        return r && r->tried && r->error == 0 ? r->after : NULL;
}

int
tune_plan_change(const struct tune_plan *p, struct tune_change *ret)
{
        struct tune_change c = { .first_netns = p->evidence.first_netns };

        for (size_t i = 0; i < p->conf.count; i++) {
                const struct tune_plan_item *item = &p->item[i];
                if (item->changes &&
                    !tune_change_add(&c, item->setting->name, item->before, item->after, rehearsed(p, i))) {
                        tune_change_fini(&c);
                        return -ENOMEM;
                }
        }
        *ret = c;
        return 0;
}

void
tune_plan_fini(struct tune_plan *p)
{
        for (size_t i = 0; p->item && i < p->conf.count; i++) {
                free(p->item[i].after);
                tune_judgement_fini(&p->item[i].judgement);
        }
        free(p->item);
        tune_rehearsals_free(p->rehearsal, p->conf.count);
        tune_evidence_fini(&p->evidence);
        tune_conf_fini(&p->conf);
        *p = (struct tune_plan){ 0 };
}
