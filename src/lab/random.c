/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers from the seed: SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014). */
#include "lab/world.h"

#define MILLION 1000000u

uint64_t
lab_random(struct la_lab *lab)
{
        uint64_t z = lab->random += UINT64_C(0x9e3779b97f4a7c15);

        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        return z ^ z >> 31;
}

uint32_t
lab_below(struct la_lab *lab, uint32_t limit)
{
        return limit == 0 ? 0 : (uint32_t)((lab_random(lab) >> 32) * limit >> 32);
}

/* Nothing is drawn for what cannot happen, so that a path without faults does not disturb the numbers of others. */
bool
lab_chance(struct la_lab *lab, uint32_t millionths)
{
        return millionths > 0 && lab_below(lab, MILLION) < millionths;
}
