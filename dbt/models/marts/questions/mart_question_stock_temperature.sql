{{ reponses('stock_temperature') }}
