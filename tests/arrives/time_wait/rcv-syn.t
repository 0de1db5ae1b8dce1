# Written by generate.py from model.py; README.md says how to read it.
segment S text 0

# both have closed, nobody listens, 10 of 60 seconds are over
given TIME_WAIT -
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack -
tsval none
# SEG.SEQ  SEG.ACK  TSval  verdict         answer      state      SND.UNA  RCV.NXT  transitions  RFC 9293
  *        -        none   SYN_CHALLENGED  A(snd,rcv)  TIME_WAIT  una      rcv      -            RFC 5961 4.2 [1]
# [1] RFC 6191 2 would drop it silently, 3.10.7.4 answers "for all other cases" with a challenge ACK: the
#     newer text, and the one on the standards track

# the same, and the handle is not yet closed
given TIME_WAIT held
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack -
tsval none
# SEG.SEQ  SEG.ACK  TSval  verdict         answer      state      SND.UNA  RCV.NXT  transitions  RFC 9293
  *        -        none   SYN_CHALLENGED  A(snd,rcv)  TIME_WAIT  una      rcv      -            RFC 5961 4.2 [1]
# [1] RFC 6191 2 would drop it silently, 3.10.7.4 answers "for all other cases" with a challenge ACK: the
#     newer text, and the one on the standards track

# the same, and somebody listens
given TIME_WAIT listener
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack -
tsval none
# SEG.SEQ                                                SEG.ACK  TSval  verdict         answer          state         SND.UNA  RCV.NXT  transitions        RFC 9293
  rcv-far,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000  -        none   SYN_REOPENS     SA(>snd,seq+1)  SYN_RECEIVED  iss      seq+1    TIME_WAIT_RCV_SYN  RFC 6191 2
  rcv-1000,rcv-100,rcv-1                                 -        none   SYN_CHALLENGED  A(snd,rcv)      TIME_WAIT     una      rcv      -                  RFC 5961 4.2 [1]
# [1] RFC 6191 2 would drop it silently, 3.10.7.4 answers "for all other cases" with a challenge ACK: the
#     newer text, and the one on the standards track

# the same, nobody listens, tcp_rfc1337 is 1
given TIME_WAIT rfc1337
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack -
tsval none
# SEG.SEQ  SEG.ACK  TSval  verdict         answer      state      SND.UNA  RCV.NXT  transitions  RFC 9293
  *        -        none   SYN_CHALLENGED  A(snd,rcv)  TIME_WAIT  una      rcv      -            RFC 5961 4.2 [1]
# [1] RFC 6191 2 would drop it silently, 3.10.7.4 answers "for all other cases" with a challenge ACK: the
#     newer text, and the one on the standards track

# somebody listens, timestamps agreed on
given TIME_WAIT timestamps
seq rcv-1000,rcv-101,rcv-1,rcv,rcv+1,end
ack -
tsval ts-far,ts-1,ts,ts+1,none
# SEG.SEQ                 SEG.ACK  TSval                verdict         answer          state         SND.UNA  RCV.NXT  transitions        RFC 9293
  rcv-1000,rcv-101,rcv-1  -        ts-far,ts+1          SYN_REOPENS     SA(>snd,seq+1)  SYN_RECEIVED  iss      seq+1    TIME_WAIT_RCV_SYN  RFC 6191 2
  rcv-1000,rcv-101,rcv-1  -        ts-1,ts,none         SYN_CHALLENGED  A(snd,rcv)      TIME_WAIT     una      rcv      -                  RFC 5961 4.2 [1]
  rcv,rcv+1,end           -        ts-far,ts,ts+1,none  SYN_REOPENS     SA(>snd,seq+1)  SYN_RECEIVED  iss      seq+1    TIME_WAIT_RCV_SYN  RFC 6191 2
  rcv,rcv+1,end           -        ts-1                 SYN_CHALLENGED  A(snd,rcv)      TIME_WAIT     una      rcv      -                  RFC 5961 4.2 [1]
# [1] RFC 6191 2 would drop it silently, 3.10.7.4 answers "for all other cases" with a challenge ACK: the
#     newer text, and the one on the standards track
