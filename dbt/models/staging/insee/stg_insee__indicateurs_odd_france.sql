{{ indicateurs_odd_publies('france', 'nation') }}
