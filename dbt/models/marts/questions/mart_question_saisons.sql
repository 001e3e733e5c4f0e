{{ reponses('saisons') }}
