/* SPDX-License-Identifier: BSD-2-Clause */
#include "link/hearsay.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define LATEST 256

struct hearsay {
        pthread_mutex_t lock;
        unsigned int links;
        uint64_t told;
        struct {
                size_t size;
                uint8_t bytes[HEARSAY_FRAME_MAX];
        } frame[LATEST]; /* the i-th at i modulo LATEST */
};

struct hearsay *
hearsay_new(unsigned int links)
{
        struct hearsay *h = calloc(1, sizeof(*h));

        if (!h)
                return NULL;
        pthread_mutex_init(&h->lock, NULL);
        h->links = links;
        return h;
}

void
hearsay_leave(struct hearsay *h)
{
        unsigned int left;

        pthread_mutex_lock(&h->lock);
        left = --h->links;
        pthread_mutex_unlock(&h->lock);
        if (left > 0)
                return;
        pthread_mutex_destroy(&h->lock);
        free(h);
}

void
hearsay_tell(struct hearsay *h, const uint8_t *frame, size_t size)
{
        if (size > HEARSAY_FRAME_MAX)
                return;
        pthread_mutex_lock(&h->lock);
        h->frame[h->told % LATEST].size = size;
        memcpy(h->frame[h->told % LATEST].bytes, frame, size);
        h->told++;
        pthread_mutex_unlock(&h->lock);
}

size_t
hearsay_next(struct hearsay *h, uint64_t *heard, uint8_t ret_frame[HEARSAY_FRAME_MAX])
{
        size_t size = 0;

        pthread_mutex_lock(&h->lock);
        if (h->told - *heard > LATEST)
                *heard = h->told - LATEST;
        if (*heard < h->told) {
                size = h->frame[*heard % LATEST].size;
                memcpy(ret_frame, h->frame[*heard % LATEST].bytes, size);
                ++*heard;
        }
        pthread_mutex_unlock(&h->lock);
        return size;
}
