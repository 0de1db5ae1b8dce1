/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/words.h"

#include <stdlib.h>
#include <string.h>

#include "cli/say_error.h"

void
words_add(char **text, const char *word)
{
        size_t old = *text ? strlen(*text) : 0;
        char *grown = realloc(*text, old + strlen(word) + 2);

        if (!grown)
                exit(say_no_memory());
        if (old > 0)
                grown[old++] = ' ';
        strcpy(grown + old, word);
        *text = grown;
}
