{{ indicateurs_odd_publies('crte', 'crte') }}
