{{ indicateurs_odd_publies('departements', 'departement') }}
