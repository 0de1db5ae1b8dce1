# Written by generate.py from model.py; README.md says how to read it.
segment A text 100

# our SYN is on its way
given SYN_SENT -
seq 0,1,2147483648,4294967295
ack una-far,una-max-1,una-max,una-1,una,snd,snd+1,snd+1000
tsval none
# SEG.SEQ  SEG.ACK                                             TSval  verdict           answer  state     SND.UNA  RCV.NXT  transitions  RFC 9293
  *        una-far,una-max-1,una-max,una-1,una,snd+1,snd+1000  none   SYN_SENT_BAD_ACK  R(ack)  SYN_SENT  una      -        -            3.10.7.3 first
  *        snd                                                 none   SYN_SENT_NO_SYN   -       SYN_SENT  una      -        -            3.10.7.3 fifth
