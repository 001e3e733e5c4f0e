{{ reponses('filieres_stock') }}
