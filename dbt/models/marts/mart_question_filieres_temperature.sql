{{ reponses('filieres_temperature') }}
