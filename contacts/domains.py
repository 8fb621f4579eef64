"""What a mail domain says about where somebody works: nothing, for the public mail providers."""

FREEMAIL = frozenset(
    """
    126.com 163.com aim.com alice.it aol.com arcor.de att.net bell.net bellsouth.net bigpond.com bluewin.ch
    bol.com.br btinternet.com centrum.cz charter.net comcast.net cox.net daum.net duck.com earthlink.net
    email.com email.cz email.it fastmail.com fastmail.fm foxmail.com free.fr freenet.de frontier.com
    gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.net googlemail.com hanmail.net hey.com home.nl hotmail.co.uk
    hotmail.com hotmail.de hotmail.es hotmail.fr hotmail.it hushmail.com icloud.com ig.com.br inbox.com
    inbox.lv inbox.ru interia.pl juno.com kpnmail.nl laposte.net libero.it list.ru live.co.uk live.com
    live.de live.fr live.nl mac.com mail.com mail.de mail.ru mailbox.org me.com msn.com mweb.co.za naver.com
    neuf.fr o2.pl online.de onet.pl optonline.net orange.fr outlook.com outlook.de outlook.fr pobox.com
    posteo.de proton.me protonmail.ch protonmail.com pm.me qq.com rediffmail.com rocketmail.com rogers.com
    runbox.com sapo.pt sbcglobal.net seznam.cz sfr.fr shaw.ca sina.com sky.com sohu.com sympatico.ca
    t-online.de talktalk.net telenet.be telus.net terra.com.br tiscali.it tuta.com tutanota.com uol.com.br
    verizon.net videotron.ca virgilio.it virginmedia.com voila.fr wanadoo.fr web.de windstream.net wp.pl
    xs4all.nl xtra.co.nz yahoo.ca yahoo.co.in yahoo.co.jp yahoo.co.uk yahoo.com yahoo.com.au yahoo.com.br
    yahoo.de yahoo.es yahoo.fr yahoo.it yandex.com yandex.ru yeah.net ymail.com zoho.com ziggo.nl zonnet.nl
    """.split()  # noqa: SIM905 - a list of words reads better than a list of strings
)


def company_domain(email: str) -> str:
    """The domain of an address when it may name a company; empty for public providers and garbage."""
    domain = email.rpartition("@")[2].lower()
    return domain if "." in domain and domain not in FREEMAIL else ""
