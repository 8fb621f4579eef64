"""Words that promise a file, in the languages of Europe: whoever writes one and attaches nothing is asked once.

Beginnings of words, so that endings do not matter ("adjunto", "adjuntamos"); a regular expression.
"""

_WORDS = """
attach enclosed
anbei angehäng anhang beigefügt beiliegend
ci-joint pièce_jointe pièces_jointes
adjunt anexo anexa anexei anexad em_anexo
allegat allego
bijlage bijgevoegd bijgaand
bifoga bilag vedhæft vedlagt vedlegg liite liitteenä
załącz příloh přilož prílo prilož csatol mellék
atașat ataşat priloz u_prilogu ekte ilişik
συνημμέν επισυνάπτ вложен прикреп приложен вкладен прикріп приложил прилож
"""
PROMISES = "|".join(_WORDS.split()).replace("_", "\\s")
