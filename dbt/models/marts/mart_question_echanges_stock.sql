{{ reponses('echanges_stock') }}
