"""Sentiment of English texts by VADER's lexicon or textblob's."""

from nltk.sentiment import SentimentIntensityAnalyzer

analyzer = SentimentIntensityAnalyzer()


def _polarity(text):
    from textblob import TextBlob

    return TextBlob(text).sentiment.polarity


def SentimentAnalysis(_arg1, library="nltk"):
    """
    Sentiment analysis: for each English text a number from -1 (negative) to 1 (positive).

    library chooses how: "nltk" is VADER, "textblob" is textblob. Returns a list with one number for each text.
    """
    if not isinstance(_arg1[0], str):
        raise TypeError("_arg1 must be texts")
    scores = {"nltk": lambda text: analyzer.polarity_scores(text)["compound"], "textblob": _polarity}
    if library.lower() not in scores:
        raise ValueError(f"library must be nltk or textblob, not {library}")
    return [scores[library.lower()](text) for text in _arg1]
