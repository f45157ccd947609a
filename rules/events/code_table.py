"""The codes of Contact ID (SIA DC-05) and SIA (DC-03), with their kinds and the Russian words for
subscribers.

A Contact ID code is stored as one letter and three digits: E401 is qualifier 1 (new event, opening), R401 is
qualifier 3 (restore, closing), P401 is qualifier 6 (still present). Note that **E401 is an opening, so it
disarms, and R401 is a closing, so it arms.** A dash means that the words of the kind are enough; words after
«=» replace the words of the kind.
"""

# code  with E   with R   what about
CONTACT_ID = """
100  alarm   restore  медицинская помощь
101  alarm   restore  вызов помощи
102  alarm   restore  нет отметки о самочувствии
103  alarm   restore  падение человека
110  alarm   restore  пожар
111  alarm   restore  дым
112  alarm   restore  горение
113  alarm   restore  поток воды в пожарной системе
114  alarm   restore  перегрев
115  alarm   restore  ручной пожарный извещатель
117  alarm   restore  пламя
118  alarm   restore  возможен пожар
120  alarm   restore  тревожная кнопка
121  alarm   restore  снятие под принуждением
122  alarm   restore  тихая тревожная кнопка
123  alarm   restore  тревожная кнопка
124  alarm   restore  вход под принуждением
125  alarm   restore  выход под принуждением
129  alarm   restore  нападение подтверждено
130  alarm   restore  проникновение
131  alarm   restore  проникновение, периметр
132  alarm   restore  проникновение, внутри
133  alarm   restore  круглосуточная зона
134  alarm   restore  проникновение, входная дверь
135  alarm   restore  проникновение, день и ночь
136  alarm   restore  проникновение, снаружи
137  alarm   restore  вскрытие прибора
138  alarm   restore  возможно проникновение
139  alarm   restore  проникновение подтверждено
140  alarm   restore  общая тревога
144  alarm   restore  вскрытие датчика
145  alarm   restore  вскрытие модуля
146  alarm   restore  тихое проникновение
150  alarm   restore  круглосуточный датчик
151  alarm   restore  утечка газа
154  alarm   restore  протечка воды
158  alarm   restore  высокая температура
159  alarm   restore  низкая температура
162  alarm   restore  угарный газ
301  fault   restore  нет сети 220 В
302  fault   restore  разряжен аккумулятор
305  other   other    прибор перезапущен
306  other   other    настройки прибора изменены
308  fault   restore  прибор выключен
309  fault   restore  аккумулятор не прошёл проверку
311  fault   restore  нет аккумулятора
321  fault   restore  неисправна сирена
333  fault   restore  неисправен модуль
337  fault   restore  нет питания модуля
338  fault   restore  разряжена батарея модуля
344  fault   restore  радиопомехи
350  fault   restore  неисправность связи
351  fault   restore  нет основного канала связи
352  fault   restore  нет запасного канала связи
354  fault   restore  сообщение не доставлено
355  fault   restore  потеря радиосвязи
356  fault   restore  потеря связи с пультом
373  fault   restore  неисправность пожарного шлейфа
374  fault   restore  не закрыта дверь при выходе
380  fault   restore  неисправность датчика
381  fault   restore  нет связи с датчиком
383  fault   restore  вскрытие датчика
384  fault   restore  разряжена батарея датчика
400  disarm  arm      -
401  disarm  arm      -
402  disarm  arm      группой
403  disarm  arm      по расписанию
404  other   other    не вовремя
405  disarm  arm      отложенно
406  restore restore  =Тревога отменена
407  disarm  arm      дистанционно
408  disarm  arm      без кода
409  disarm  arm      ключом
411  other   other    запрошен обратный звонок
412  other   other    к прибору подключились удалённо
421  other   other    в доступе отказано
422  other   other    доступ разрешён
423  alarm   restore  взлом двери
441  disarm  arm      частично
442  disarm  arm      частично, ключом
443  disarm  arm      с неисправностью
444  disarm  arm      частично, на ночь
450  disarm  arm      вне расписания
451  disarm  arm      раньше времени
452  disarm  arm      позже времени
453  other   other    не снято в срок
454  other   other    не поставлено в срок
455  fault   restore  не удалась постановка по расписанию
456  other   arm      частично
457  fault   restore  ошибка при выходе
459  other   other    тревога сразу после постановки
461  other   other    неверный код
463  arm     arm      снова после тревоги
465  restore restore  тревожная кнопка
570  other   other    зона исключена или возвращена
571  other   other    пожарная зона исключена или возвращена
573  other   other    охранная зона исключена или возвращена
574  other   other    группа зон исключена или возвращена
601  test    test     вручную
602  test    test     по расписанию
603  test    test     по радио
607  test    test     проход по датчикам
608  test    test     по расписанию, есть неисправность
616  other   other    запрошен ремонт
625  other   other    часы прибора переставлены
627  other   other    начата настройка прибора
628  other   other    закончена настройка прибора
"""

# code  kind     what about
SIA = """
AR  restore  сеть 220 В
AT  fault    нет сети 220 В
BA  alarm    проникновение
BC  restore  =Тревога отменена
BH  restore  проникновение
BR  restore  проникновение
BT  fault    неисправность охранного шлейфа
BJ  restore  охранный шлейф
BV  alarm    проникновение подтверждено
BB  other    охранная зона исключена
BU  other    охранная зона возвращена
CA  arm      по расписанию
CF  arm      с исключёнными зонами
CG  arm      частично
CI  other    не поставлено в срок
CJ  arm      позже времени
CK  arm      раньше времени
CL  arm      -
CP  arm      по расписанию
CQ  arm      дистанционно
CR  other    тревога сразу после постановки
CS  arm      ключом
CZ  arm      зона
DD  other    в доступе отказано
DF  alarm    взлом двери
DG  other    доступ разрешён
EA  alarm    не закрыта дверь при выходе
EE  fault    ошибка при выходе
FA  alarm    пожар
FH  restore  пожар
FR  restore  пожар
FT  fault    неисправность пожарного шлейфа
FJ  restore  пожарный шлейф
GA  alarm    утечка газа
GH  restore  утечка газа
GR  restore  утечка газа
HA  alarm    нападение
HH  restore  нападение
HR  restore  нападение
JA  other    неверный код
JP  other    пользователь в помещении
KA  alarm    перегрев
KH  restore  перегрев
KR  restore  перегрев
LB  other    начата настройка прибора
LX  other    закончена настройка прибора
MA  alarm    медицинская помощь
MH  restore  медицинская помощь
MR  restore  медицинская помощь
NF  arm      периметр, с исключёнными зонами
NL  arm      периметр
NR  restore  связь по сети
NT  fault    нет связи по сети
OA  disarm   по расписанию
OC  restore  отменено пользователем
OG  disarm   частично
OI  other    не снято в срок
OJ  disarm   позже времени
OK  disarm   раньше времени
OP  disarm   -
OQ  disarm   дистанционно
OR  disarm   после тревоги
OS  disarm   ключом
OT  other    не поставлено в срок
OZ  disarm   зона
PA  alarm    тревожная кнопка
PH  restore  тревожная кнопка
PR  restore  тревожная кнопка
QA  alarm    вызов помощи
QR  restore  вызов помощи
RP  test     по расписанию
RR  other    прибор включён
RX  test     вручную
SA  alarm    сработало пожаротушение
SR  restore  пожаротушение
TA  alarm    вскрытие прибора
TR  restore  вскрытие прибора
TX  test     связь
UA  alarm    сработал датчик
UR  restore  датчик
UT  fault    неисправность датчика
WA  alarm    протечка воды
WH  restore  протечка воды
WR  restore  протечка воды
XQ  fault    радиопомехи
XR  restore  батарея датчика
XT  fault    разряжена батарея датчика
YC  fault    нет связи с пультом
YK  restore  связь с пультом
YM  fault    нет аккумулятора
YP  fault    неисправность питания
YQ  restore  питание
YR  restore  аккумулятор
YS  fault    неисправность связи
YT  fault    разряжен аккумулятор
YW  other    прибор перезапущен
YX  other    запрошен ремонт
ZA  alarm    низкая температура
ZR  restore  низкая температура
"""
